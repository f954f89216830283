using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice;

/// <summary>
/// A ring Z_Q[X]/(X^N + 1) in which ring learning with errors is hard: N and the primes whose product is Q. Immutable.
/// </summary>
/// <remarks>
/// Only parameters of 128-bit security for a uniform ternary secret exist: log2 Q, key-switching primes included, is at most
/// 53, 106, 214, 430 and 868 for N = 2048 to 32768 (Bossuat et al., "Security guidelines for implementing homomorphic
/// encryption", eprint 2024/463, classical column; errors of σ = 3.2). Nothing switches the check off.
/// </remarks>
public sealed class LatticeParameters
{
    /// <summary>Smallest supported ring degree.</summary>
    public const int MinimumDegree = 2048;

    /// <summary>Largest supported ring degree.</summary>
    public const int MaximumDegree = 32768;

    private const byte FormatVersion = 1;
    private const int HeaderBytes = 3;
    private readonly ulong[] _primes;

    private LatticeParameters(int degree, ulong[] primes)
    {
        Degree = degree;
        _primes = primes;
        Modulus = primes.Aggregate(BigInteger.One, (product, prime) => product * prime);
        ModulusBits = BigInteger.Log(Modulus, 2);
    }

    /// <summary>N, the number of coefficients of a polynomial; a power of two from 2048 to 32768.</summary>
    public int Degree { get; }

    /// <summary>The distinct primes, each 1 modulo 2N and below 2^50, in the order in which residues are stored and sent.</summary>
    public IReadOnlyList<ulong> Primes => _primes;

    /// <summary>log2 Q.</summary>
    public double ModulusBits { get; }

    /// <summary>Q, the product of the primes.</summary>
    internal BigInteger Modulus { get; }

    /// <summary>The largest prime product of 128-bit security, in bits, for a degree of the table.</summary>
    /// <param name="degree">A power of two from 2048 to 32768.</param>
    /// <returns>The table's bound on log2 Q.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The degree is not in the table.</exception>
    public static int MaximumModulusBits(int degree) => degree switch
    {
        2048 => 53,
        4096 => 106,
        8192 => 214,
        16384 => 430,
        32768 => 868,
        _ => throw new ArgumentOutOfRangeException(nameof(degree), degree, "The degree must be 2048, 4096, 8192, 16384 or 32768."),
    };

    /// <summary>Takes the largest suitable primes of a size.</summary>
    /// <param name="degree">N: 2048, 4096, 8192, 16384 or 32768.</param>
    /// <param name="primeCount">How many primes; at least one.</param>
    /// <param name="primeBits">Size of every prime, at most 50 bits.</param>
    /// <returns>Parameters with the <paramref name="primeCount"/> largest primes below 2^<paramref name="primeBits"/> that are 1 modulo 2N, descending.</returns>
    /// <exception cref="ArgumentException">The sizes are out of range, there are not so many primes, or the modulus exceeds the 128-bit table.</exception>
    public static LatticeParameters Create(int degree, int primeCount, int primeBits)
    {
        var limit = MaximumModulusBits(degree);
        ArgumentOutOfRangeException.ThrowIfLessThan(primeCount, 1);
        var smallest = BitOperations.Log2((uint)degree) + 2;
        if (primeBits < smallest || primeBits > NttPrimes.MaximumBits)
            throw new ArgumentOutOfRangeException(nameof(primeBits), primeBits, $"Primes for degree {degree} must have {smallest} to {NttPrimes.MaximumBits} bits.");
        if ((long)primeCount * (primeBits - 1) > limit)
            throw TooLarge(degree, $"{primeCount} primes of {primeBits} bits");
        return Create(degree, NttPrimes.Largest(degree, primeCount, primeBits));
    }

    /// <summary>Takes given primes.</summary>
    /// <param name="degree">N: 2048, 4096, 8192, 16384 or 32768.</param>
    /// <param name="primes">Distinct primes below 2^50, each 1 modulo 2N.</param>
    /// <returns>Parameters with these primes in this order.</returns>
    /// <exception cref="ArgumentException">A prime is unsuitable, or the product exceeds the 128-bit table.</exception>
    public static LatticeParameters Create(int degree, IReadOnlyList<ulong> primes)
    {
        ArgumentNullException.ThrowIfNull(primes);
        return Create(degree, primes, MaximumModulusBits(degree));
    }

    /// <summary>
    /// As <see cref="Create(int, IReadOnlyList{ulong})"/> without the security table, for reading what others chose: never public.
    /// The size is bounded all the same, so that a stranger's list costs little.
    /// </summary>
    internal static LatticeParameters CreateForInterop(int degree, IReadOnlyList<ulong> primes)
    {
        ArgumentNullException.ThrowIfNull(primes);
        return Create(degree, primes, 2 * MaximumModulusBits(degree));
    }

    private static LatticeParameters Create(int degree, IReadOnlyList<ulong> primes, int limit)
    {
        if (primes.Count == 0)
            throw new ArgumentException("At least one prime is needed.", nameof(primes));
        var product = BigInteger.One;
        for (var i = 0; i < primes.Count; i++)
        {
            var prime = primes[i];
            if (prime >> NttPrimes.MaximumBits != 0)
                throw new ArgumentException($"{prime} has more than {NttPrimes.MaximumBits} bits.", nameof(primes));
            if (prime % (2 * (ulong)degree) != 1)
                throw new ArgumentException($"{prime} is not 1 modulo {2 * degree}.", nameof(primes));
            for (var j = 0; j < i; j++)
            {
                if (primes[j] == prime)
                    throw new ArgumentException($"{prime} is given twice.", nameof(primes));
            }

            // The size first: it bounds the number of primality tests that a stranger's list can ask for.
            product *= prime;
            if (product.GetBitLength() > limit)
                throw TooLarge(degree, "the product of the primes");
            if (!NttPrimes.IsPrime(prime))
                throw new ArgumentException($"{prime} is not a prime.", nameof(primes));
        }

        return new LatticeParameters(degree, [.. primes]);
    }

    /// <summary>Writes a version, log2 N, the number of primes (a byte each) and the primes (8 bytes each, little-endian).</summary>
    /// <param name="writer">Takes the bytes.</param>
    public void Write(IBufferWriter<byte> writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        var length = HeaderBytes + 8 * _primes.Length;
        var span = writer.GetSpan(length);
        span[0] = FormatVersion;
        span[1] = (byte)BitOperations.Log2((uint)Degree);
        span[2] = (byte)_primes.Length;
        for (var i = 0; i < _primes.Length; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(span[(HeaderBytes + 8 * i)..], _primes[i]);
        writer.Advance(length);
    }

    /// <summary>Reads parameters and leaves the reader behind them.</summary>
    /// <param name="reader">Stands before the first byte.</param>
    /// <returns>Parameters that passed every check of <see cref="Create(int, IReadOnlyList{ulong})"/>.</returns>
    /// <exception cref="LatticeFormatException">The bytes are cut, of another version, or describe parameters that are refused.</exception>
    public static LatticeParameters Read(ref SequenceReader<byte> reader)
    {
        if (!reader.TryRead(out var version))
            throw new LatticeFormatException(Messages.ParametersTruncated());
        if (version != FormatVersion)
            throw new LatticeFormatException(Messages.ParametersVersion(version));
        if (!reader.TryRead(out var logDegree) || !reader.TryRead(out var count) || reader.Remaining < 8L * count)
            throw new LatticeFormatException(Messages.ParametersTruncated());
        var primes = new ulong[count];
        for (var i = 0; i < count; i++)
        {
            reader.TryReadLittleEndian(out long prime);
            primes[i] = (ulong)prime;
        }

        try
        {
            return Create(logDegree < 31 ? 1 << logDegree : 0, primes);
        }
        catch (ArgumentException refused)
        {
            throw new LatticeFormatException(Messages.ParametersRefused(refused.Message));
        }
    }

    /// <summary>Reads parameters that fill a span.</summary>
    /// <param name="bytes">Exactly the bytes of <see cref="Write"/>.</param>
    /// <returns>The checked parameters.</returns>
    /// <exception cref="LatticeFormatException">The bytes are cut, too long, of another version, or describe parameters that are refused.</exception>
    public static LatticeParameters Read(ReadOnlySpan<byte> bytes)
    {
        // The longest valid form is 3 + 8 * 255 bytes; nothing longer is copied.
        var reader = new SequenceReader<byte>(new ReadOnlySequence<byte>(bytes[..Math.Min(bytes.Length, HeaderBytes + 8 * byte.MaxValue)].ToArray()));
        var parameters = Read(ref reader);
        if (reader.Consumed != bytes.Length)
            throw new LatticeFormatException(Messages.WrongLength(nameof(LatticeParameters), reader.Consumed, bytes.Length));
        return parameters;
    }

    private static ArgumentException TooLarge(int degree, string what) =>
        new($"At degree {degree}, 128-bit security allows a modulus of at most {MaximumModulusBits(degree)} bits (eprint 2024/463); {what} would exceed it. Take fewer or smaller primes, or a larger degree.", nameof(degree));
}
