using System.Buffers.Binary;

namespace FedLab.Lattice.Interop;

/// <summary>The names that SEAL gives to the levels of its modulus chain: parms_id, a digest of scheme, N, primes and plain modulus.</summary>
/// <remarks>
/// The key level has all primes, the first data level all but the last, and each next level drops the last again; with one
/// prime the key level is the data level.
/// </remarks>
internal static class SealChain
{
    /// <summary>Bytes of a parms_id.</summary>
    public const int IdentifierBytes = 32;

    /// <summary>SEAL's scheme_type of CKKS.</summary>
    public const byte Ckks = 2;

    /// <summary>The parms_id of the ring with only the first <paramref name="primes"/> primes: BLAKE2b-256 over 64-bit words.</summary>
    public static void Identify(LatticeParameters parameters, int primes, Span<byte> identifier)
    {
        // Scheme, N, the primes, and a plain modulus of zero, which CKKS does not have.
        Span<byte> words = stackalloc byte[(primes + 3) * sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(words, Ckks);
        BinaryPrimitives.WriteUInt64LittleEndian(words[sizeof(ulong)..], (ulong)parameters.Degree);
        for (var i = 0; i < primes; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(words[((i + 2) * sizeof(ulong))..], parameters.Primes[i]);
        words[^sizeof(ulong)..].Clear();
        Blake2b.Hash(words, [], identifier);
    }

    /// <summary>How many primes the level with a given parms_id has.</summary>
    /// <returns>At most <paramref name="largest"/>; 0 when no level has that name.</returns>
    public static int Find(LatticeParameters parameters, int largest, ReadOnlySpan<byte> identifier)
    {
        Span<byte> candidate = stackalloc byte[IdentifierBytes];
        for (var primes = largest; primes > 0; primes--)
        {
            Identify(parameters, primes, candidate);
            if (identifier.SequenceEqual(candidate))
                return primes;
        }

        return 0;
    }
}
