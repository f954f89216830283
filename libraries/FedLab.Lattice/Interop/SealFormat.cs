using System.Buffers;

namespace FedLab.Lattice.Interop;

/// <summary>
/// Microsoft SEAL's own binary format (4.x): any auditor with SEAL can open FedLab's parameters, keys and ciphertexts, and FedLab SEAL's.
/// </summary>
/// <remarks>
/// <para>
/// Written uncompressed as SEAL 4.1, which SEAL 4.1 and 4.4 read. Read are versions 4.0 to 4.4, uncompressed or packed with zlib, seeded
/// or whole. The scheme is CKKS; the last prime of the parameters is SEAL's special prime, as it is the library's own.
/// </para>
/// <para>
/// Everything read is checked before use: sizes before memory is taken, every residue against its prime, the parms_id against
/// the chain, parameters against the 128-bit table. What does not pass is a <see cref="LatticeFormatException"/>.
/// Apart from the result, an object of n bytes takes memory of the order of n; one packed with zlib never unpacks to more than
/// an object of these parameters can have.
/// </para>
/// </remarks>
public static partial class SealFormat
{
    /// <summary>Primes of more than this cannot occur: SEAL's chains have 64 at most.</summary>
    private const int MaximumPrimes = 64;

    /// <summary>Writes SEAL's EncryptionParameters for CKKS.</summary>
    /// <param name="parameters">The ring; its last prime becomes SEAL's special prime.</param>
    /// <param name="writer">Takes the bytes.</param>
    public static void Write(LatticeParameters parameters, IBufferWriter<byte> writer)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(writer);
        var output = new SealWriter(writer);
        output.WriteHeader(SealSizes.Parameters(parameters.Primes.Count));
        output.WriteByte(SealChain.Ckks);
        output.WriteWord((ulong)parameters.Degree);
        output.WriteWord((ulong)parameters.Primes.Count);
        foreach (var prime in parameters.Primes)
        {
            output.WriteHeader(SealSizes.Modulus);
            output.WriteWord(prime);
        }

        output.WriteHeader(SealSizes.Modulus);
        output.WriteWord(0);
    }

    /// <summary>Reads SEAL's EncryptionParameters of the CKKS scheme.</summary>
    /// <param name="source">Exactly the object.</param>
    /// <returns>Parameters that passed every check of <see cref="LatticeParameters.Create(int, IReadOnlyList{ulong})"/>.</returns>
    /// <exception cref="LatticeFormatException">
    /// The bytes are not such an object, or the parameters are refused: a prime has more than 50 bits, or all together exceed the
    /// 128-bit table, as SEAL's own largest default chains do.
    /// </exception>
    public static LatticeParameters ReadParameters(ReadOnlySequence<byte> source)
    {
        var (degree, primes) = ReadDegreeAndPrimes(source);
        try
        {
            return LatticeParameters.Create(degree, primes);
        }
        catch (ArgumentException refused)
        {
            throw new LatticeFormatException(Messages.ParametersRefused(refused.Message));
        }
    }

    /// <summary>The fields of EncryptionParameters before they are judged.</summary>
    internal static (int Degree, ulong[] Primes) ReadDegreeAndPrimes(in ReadOnlySequence<byte> source)
    {
        using var input = new SealReader(source, nameof(LatticeParameters), SealSizes.Parameters(MaximumPrimes));
        var scheme = input.ReadByte();
        if (scheme != SealChain.Ckks)
            throw input.Unexpected("scheme", "2 (CKKS)", scheme);
        var degree = input.ReadWord();
        var count = input.ReadWord();
        if (count is 0 or > MaximumPrimes)
            throw input.Unexpected("coeff_modulus_size", $"1–{MaximumPrimes}", count);
        if ((ulong)input.Remaining < (count + 1) * SealSizes.Modulus)
            throw input.Truncated();
        var primes = new ulong[count];
        foreach (ref var prime in primes.AsSpan())
        {
            input.ReadHeader(SealSizes.Modulus);
            prime = input.ReadWord();
        }

        input.ReadHeader(SealSizes.Modulus);
        input.Expect("plain_modulus", 0);
        input.End();
        return (degree <= LatticeParameters.MaximumDegree ? (int)degree : 0, primes);
    }
}
