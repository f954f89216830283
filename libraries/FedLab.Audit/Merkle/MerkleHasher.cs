using System.Buffers;
using System.Security.Cryptography;

namespace FedLab.Audit;

/// <summary>
/// The hashes of RFC 6962, section 2.1 (RFC 9162, section 2.1.1): a leaf is SHA-256(00 ‖ data), a node is
/// SHA-256(01 ‖ left ‖ right). The prefixes keep a node from ever passing for a leaf.
/// </summary>
public static class MerkleHasher
{
    private const byte LeafPrefix = 0x00;
    private const byte NodePrefix = 0x01;
    private const int StackLimit = 1024;

    /// <summary>The root of a tree without leaves, SHA-256 of nothing.</summary>
    public static Sha256Hash EmptyRoot { get; } = Sha256Hash.Of([]);

    /// <summary>The hash of a leaf that holds <paramref name="data"/>.</summary>
    public static Sha256Hash HashLeaf(ReadOnlySpan<byte> data)
    {
        int length = data.Length + 1;
        byte[]? rented = length > StackLimit ? ArrayPool<byte>.Shared.Rent(length) : null;
        Span<byte> buffer = rented is null ? stackalloc byte[StackLimit] : rented;
        buffer[0] = LeafPrefix;
        data.CopyTo(buffer[1..]);
        Sha256Hash hash = Sha256Hash.Of(buffer[..length]);
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
        return hash;
    }

    /// <summary>The hash of a node above two subtrees.</summary>
    public static Sha256Hash HashNode(Sha256Hash left, Sha256Hash right)
    {
        Span<byte> buffer = stackalloc byte[1 + (2 * Sha256Hash.Length)];
        buffer[0] = NodePrefix;
        left.CopyTo(buffer[1..]);
        right.CopyTo(buffer[(1 + Sha256Hash.Length)..]);
        Span<byte> hash = stackalloc byte[Sha256Hash.Length];
        SHA256.HashData(buffer, hash);
        return new Sha256Hash(hash);
    }
}
