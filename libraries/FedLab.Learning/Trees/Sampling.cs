using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace FedLab.Learning;

/// <summary>
/// Which rows and columns a tree uses. A choice is a SHA-256 hash, so that it depends on nothing but the seed and on what is chosen:
/// not on the order of rows, on the number of threads or on another choice. With integers little-endian, and the first 8 bytes of the
/// hash read as a little-endian integer u:
/// <list type="bullet">
/// <item>tree rows: u of SHA-256("fedlab/rows" ‖ seed ‖ int32 tree ‖ row identity), taken when u &lt; subsample·2^64;</item>
/// <item>validation rows: u of SHA-256("fedlab/hold" ‖ seed ‖ int32 0 ‖ row identity), kept apart when u &lt; fraction·2^64;</item>
/// <item>columns: u of SHA-256("fedlab/cols" ‖ seed ‖ int32 tree ‖ int64 feature position ‖ UTF-8 source name); the
/// max(1, round(colsample·features)) features with the least u are taken.</item>
/// </list>
/// It selects and hides nothing: the seed is known to all parties.
/// </summary>
internal static class Sampling
{
    private const int PrefixLength = 11;
    private const int FixedLength = PrefixLength + sizeof(ulong) + sizeof(int) + sizeof(ulong);

    public static bool IsTreeRow(TreeParameters parameters, int tree, ulong rowIdentity) =>
        parameters.Subsample >= 1 || IsBelow(Hash("fedlab/rows"u8, parameters.Seed, tree, rowIdentity, ""), parameters.Subsample);

    public static bool IsValidationRow(TreeParameters parameters, ulong rowIdentity) =>
        parameters.EarlyStoppingRounds > 0 && IsBelow(Hash("fedlab/hold"u8, parameters.Seed, 0, rowIdentity, ""), parameters.ValidationFraction);

    /// <summary>The features of a source that a tree may use, ascending.</summary>
    public static int[] TreeColumns(TreeParameters parameters, int tree, string source, int features)
    {
        var all = Enumerable.Range(0, features);
        if (parameters.ColsampleByTree >= 1 || features == 0)
            return [.. all];
        var count = Math.Max(1, (int)Math.Round(parameters.ColsampleByTree * features));
        return [.. all.OrderBy(feature => Hash("fedlab/cols"u8, parameters.Seed, tree, (ulong)feature, source)).ThenBy(feature => feature).Take(count).Order()];
    }

    private static bool IsBelow(ulong hash, double fraction) => fraction >= 1 || hash < (ulong)(fraction * Math.ScaleB(1, 64));

    private static ulong Hash(ReadOnlySpan<byte> prefix, ulong seed, int tree, ulong subject, string source)
    {
        var length = FixedLength + Encoding.UTF8.GetByteCount(source);
        var message = length <= 256 ? stackalloc byte[length] : new byte[length];
        prefix.CopyTo(message);
        BinaryPrimitives.WriteUInt64LittleEndian(message[PrefixLength..], seed);
        BinaryPrimitives.WriteInt32LittleEndian(message[(PrefixLength + sizeof(ulong))..], tree);
        BinaryPrimitives.WriteUInt64LittleEndian(message[(PrefixLength + sizeof(ulong) + sizeof(int))..], subject);
        Encoding.UTF8.GetBytes(source, message[FixedLength..]);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(message, hash);
        return BinaryPrimitives.ReadUInt64LittleEndian(hash);
    }
}
