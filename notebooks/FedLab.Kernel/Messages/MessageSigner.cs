using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace FedLab.Kernel.Messages;

/// <summary>
/// Signs messages and knows those that came: HMAC-SHA-256 over the four JSON parts, as lower-case hexadecimal (Jupyter protocol, "wire protocol").
/// A message whose signature was seen is a recording played again and as worthless as one without.
/// </summary>
internal sealed class MessageSigner(byte[] key)
{
    /// <summary>Signatures remembered; as many as Jupyter's own session keeps.</summary>
    public const int Remembered = 1 << 16;

    private readonly Lock _lock = new();
    private readonly HashSet<UInt128> _seen = [];
    private readonly Queue<UInt128> _order = [];

    /// <summary>The signature of a message.</summary>
    /// <param name="parts">Header, parent header, metadata and content as they travel.</param>
    public byte[] Sign(ReadOnlySpan<byte[]> parts)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        foreach (var part in parts) hmac.AppendData(part);
        return Encoding.ASCII.GetBytes(Convert.ToHexStringLower(hmac.GetHashAndReset()));
    }

    /// <summary>Whether a message is signed with the key and came for the first time.</summary>
    /// <param name="signature">The signature that came with it.</param>
    /// <param name="parts">Its four parts.</param>
    public bool Accept(ReadOnlySpan<byte> signature, ReadOnlySpan<byte[]> parts)
    {
        var expected = Sign(parts);
        if (!CryptographicOperations.FixedTimeEquals(expected, signature)) return false;
        // Half of the hexadecimal digits identify it: 128 bits of a keyed hash.
        var name = UInt128.Parse(expected.AsSpan(0, 32), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        lock (_lock)
        {
            if (!_seen.Add(name)) return false;
            _order.Enqueue(name);
            if (_order.Count > Remembered) _seen.Remove(_order.Dequeue());
            return true;
        }
    }
}
