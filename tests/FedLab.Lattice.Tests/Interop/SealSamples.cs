using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using FedLab.Lattice.Evaluation;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice.Tests.Interop;

/// <summary>A small ring with its keys, and what the tests do to SEAL's bytes.</summary>
internal sealed class SealSamples : IDisposable
{
    public SealSamples(int degree, params int[] primeBits)
    {
        Context = new CkksContext(LatticeParameters.Create(degree, Primes(degree, primeBits)));
        Secret = SecretKey.Generate(Context.Lattice);
        Public = PublicKey.Generate(Secret);
    }

    public CkksContext Context { get; }

    public LatticeContext Lattice => Context.Lattice;

    public SecretKey Secret { get; }

    public PublicKey Public { get; }

    public RelinearisationKey Relinearisation => field ??= RelinearisationKey.Generate(Context, Secret);

    public GaloisKeys Galois => field ??= GaloisKeys.Generate(Context, Secret, [Context.RotationElement(1), Context.RotationElement(-3), Context.ConjugationElement]);

    /// <summary>Distinct primes of the given sizes, in that order.</summary>
    public static ulong[] Primes(int degree, int[] bits)
    {
        var used = new Dictionary<int, int>();
        return [.. bits.Select(size => NttPrimes.Largest(degree, used[size] = used.GetValueOrDefault(size) + 1, size)[^1])];
    }

    /// <summary>A polynomial of small random coefficients at a level.</summary>
    public CkksPlaintext Plaintext(int level, double scale, ulong seed)
    {
        var vectors = new TestVectors(seed);
        var degree = Lattice.Parameters.Degree;
        var coefficients = new double[degree];
        foreach (ref var coefficient in coefficients.AsSpan())
            coefficient = vectors.Within((long)scale);
        var evaluation = new double[Lattice.PolynomialLength];
        Lattice.TransformSmall(coefficients, evaluation);
        var plaintext = new CkksPlaintext(Context);
        plaintext.Shape(level, scale);
        var target = plaintext.Polynomial;
        for (var i = 0; i < target.Length; i++)
            target[i] = TestVectors.Canonical(evaluation[i], Lattice.Parameters.Primes[i / degree]);
        return plaintext;
    }

    public CkksCiphertext Encrypt(CkksPlaintext plaintext)
    {
        var ciphertext = new CkksCiphertext(Context);
        new CkksEncryptor(Context, Public).Encrypt(plaintext, ciphertext);
        return ciphertext;
    }

    public static byte[] Bytes(Action<IBufferWriter<byte>> write) => WireTests.Bytes(write);

    public static ReadOnlySequence<byte> Sequence(byte[] bytes) => new(bytes);

    /// <summary>For megabytes, which the assertion on collections compares one by one.</summary>
    public static void AssertSame(byte[] expected, byte[] actual) =>
        Assert.True(expected.AsSpan().SequenceEqual(actual), $"{expected.Length} bytes were expected; of {actual.Length} the first {expected.AsSpan().CommonPrefixLength(actual)} are the same.");

    /// <summary>The same object as SEAL packs it with zlib.</summary>
    public static byte[] Pack(byte[] bytes, CompressionLevel level = CompressionLevel.Fastest)
    {
        var packed = new MemoryStream();
        packed.Write(bytes.AsSpan(0, 16));
        using (var stream = new ZLibStream(packed, level, leaveOpen: true))
            stream.Write(bytes.AsSpan(16));
        var result = packed.ToArray();
        result[5] = 1;
        BinaryPrimitives.WriteUInt64LittleEndian(result.AsSpan(8), (ulong)result.Length);
        return result;
    }

    /// <summary>Bytes with a 64-bit little-endian word replaced.</summary>
    public static byte[] With(byte[] bytes, int position, ulong word)
    {
        var changed = (byte[])bytes.Clone();
        BinaryPrimitives.WriteUInt64LittleEndian(changed.AsSpan(position), word);
        return changed;
    }

    public void Dispose() => Secret.Dispose();
}
