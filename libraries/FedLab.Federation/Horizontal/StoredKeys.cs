using System.Buffers;
using System.Security.Cryptography;
using FedLab.Federation.Identity;
using FedLab.Federation.Runs;
using FedLab.Federation.Wire;
using FedLab.Lattice;
using FedLab.Lattice.Multiparty;

namespace FedLab.Federation.Horizontal;

/// <summary>A bank's share of a t-out-of-n key, kept for the run in files for their owner alone: <c>collective.key</c>, and beside it the ledger of the decryptions that the bank helped with.</summary>
/// <param name="PublicKey">The collective public key as it was written.</param>
/// <param name="Shares">The written shares that this bank was dealt, in the order of the dealers, the own one included.</param>
public sealed record StoredKeys(byte[] PublicKey, IReadOnlyList<byte[]> Shares)
{
    private const string KeyFile = "collective.key";
    private const string LedgerFile = "collective.ledger";
    private const int MaximumBytes = 16 << 20;

    /// <summary>SHA-256 of the public key.</summary>
    public byte[] Identifier { get; } = SHA256.HashData(PublicKey);

    /// <summary>Reads the kept keys.</summary>
    /// <param name="context">The attempt.</param>
    /// <returns>Null when there are none, or the ledger that belongs to them is gone: without it nobody can say what they were used for.</returns>
    internal static StoredKeys? Load(PartyRunContext context)
    {
        if (context.SecretFolder is not { } folder || !File.Exists(Path.Combine(folder, KeyFile))) return null;
        KeyFiles.RequirePrivateFile(Path.Combine(folder, KeyFile));
        var content = Convert.FromBase64String(File.ReadAllText(Path.Combine(folder, KeyFile)).Trim());
        var reader = new MessageReader(new ReadOnlySequence<byte>(content), LabMessages.StoredFile(KeyFile));
        var publicKey = reader.Bytes(MaximumBytes, "public key");
        var shares = new byte[context.Spec.Parties.Count][];
        for (var dealer = 0; dealer < shares.Length; dealer++) shares[dealer] = reader.Bytes(MaximumBytes, "share");
        reader.End();
        var keys = new StoredKeys(publicKey, shares);
        return File.Exists(keys.LedgerPath(folder)) ? keys : null;
    }

    /// <summary>Deletes the keys and the ledger of a run that has ended: nobody needs them again.</summary>
    /// <param name="folder">The folder of the run's secrets.</param>
    public static void Delete(string folder)
    {
        if (!Directory.Exists(folder)) return;
        foreach (var path in Directory.EnumerateFiles(folder, "collective.*")) File.Delete(path);
    }

    /// <summary>Keeps new keys.</summary>
    /// <param name="context">The attempt.</param>
    /// <param name="publicKey">The collective public key.</param>
    /// <param name="shares">The written shares that this bank was dealt, in the order of the dealers.</param>
    internal static StoredKeys Save(PartyRunContext context, PublicKey publicKey, IReadOnlyList<byte[]> shares)
    {
        var written = new ArrayBufferWriter<byte>();
        publicKey.Write(written);
        var keys = new StoredKeys(written.WrittenSpan.ToArray(), shares);
        var output = new ArrayBufferWriter<byte>();
        var writer = new MessageWriter(output);
        writer.Bytes(keys.PublicKey);
        foreach (var share in shares) writer.Bytes(share);
        KeyFiles.CreateFolder(FolderOf(context));
        KeyFiles.WriteSecret(Path.Combine(FolderOf(context), KeyFile), Convert.ToBase64String(output.WrittenSpan));
        return keys;
    }

    /// <summary>The sum of the dealt shares; the caller disposes it.</summary>
    /// <param name="sharing">The sharing.</param>
    /// <param name="self">This bank's number.</param>
    /// <exception cref="LatticeFormatException">The file is not what was kept.</exception>
    internal ThresholdShare OpenSum(ThresholdSecretSharing sharing, int self)
    {
        var sum = sharing.AllocateSum(self);
        try
        {
            for (var dealer = 0; dealer < Shares.Count; dealer++)
            {
                using var share = sharing.ReadShare(Shares[dealer], dealer, self);
                sharing.Aggregate(share, sum);
            }
            return sum;
        }
        catch
        {
            sum.Dispose();
            throw;
        }
    }

    /// <summary>The ledger of these keys.</summary>
    /// <param name="context">The attempt.</param>
    /// <param name="isNew">Whether the keys were made just now.</param>
    internal IShareLedger OpenLedger(PartyRunContext context, bool isNew)
    {
        var path = LedgerPath(FolderOf(context));
        return isNew ? FileShareLedger.Create(path, context.Time, keepShares: false) : FileShareLedger.Open(path, context.Time, keepShares: false);
    }

    private static string FolderOf(PartyRunContext context) => context.SecretFolder ?? throw new InvalidOperationException("A run with t-out-of-n keys needs a folder for its secrets.");

    private string LedgerPath(string folder) => Path.Combine(folder, $"{LedgerFile}.{Convert.ToHexStringLower(Identifier.AsSpan(0, 8))}");
}
