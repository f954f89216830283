using System.Security.Cryptography;
using System.Text;

namespace FedLab.Data;

/// <summary>
/// A split that every party can compute from the key alone: the SHA-256 digest of the key in UTF-8, read as a big-endian integer,
/// modulo the number of folds. The usual test rows are fold 0 of 5.
/// </summary>
public static class TestFold
{
    private const int StackBytes = 1024;

    /// <summary>Whether a key is in a fold.</summary>
    /// <param name="normalisedKey">The key after <see cref="EnterpriseKey.Normalise"/>.</param>
    /// <param name="fold">0 to <paramref name="of"/> − 1.</param>
    /// <param name="of">Number of folds, 1 or more.</param>
    public static bool IsInFold(string normalisedKey, int fold, int of)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(fold);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(fold, of);
        return Of(normalisedKey, of) == fold;
    }

    /// <summary>The fold of a key, 0 to <paramref name="folds"/> − 1.</summary>
    public static int Of(string normalisedKey, int folds)
    {
        ArgumentNullException.ThrowIfNull(normalisedKey);
        ArgumentOutOfRangeException.ThrowIfLessThan(folds, 1);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        var size = Encoding.UTF8.GetMaxByteCount(normalisedKey.Length);
        Span<byte> text = size <= StackBytes ? stackalloc byte[StackBytes] : new byte[size];
        SHA256.HashData(text[..Encoding.UTF8.GetBytes(normalisedKey, text)], digest);
        long remainder = 0;
        foreach (var digit in digest) remainder = (remainder * 256 + digit) % folds;
        return (int)remainder;
    }
}
