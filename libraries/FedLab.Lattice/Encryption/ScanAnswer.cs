using System.Buffers;
using FedLab.Lattice.Encryption;

namespace FedLab.Lattice;

/// <summary>An answer as it travels: some coefficients of c0 and all of c1 modulo 2^x, x bits each, bit after bit. Immutable.</summary>
public sealed class ScanAnswer
{
    /// <summary>Largest x: integers that a double holds exactly.</summary>
    public const int MaximumModulusBits = 52;

    private const string Kind = nameof(ScanAnswer);
    private readonly byte[] _bytes;

    private ScanAnswer(int degree, int answerCount, int answerModulusBits, byte[] bytes)
    {
        Degree = degree;
        AnswerCount = answerCount;
        AnswerModulusBits = answerModulusBits;
        _bytes = bytes;
    }

    /// <summary>N.</summary>
    public int Degree { get; }

    /// <summary>How many coefficients of c0 it carries.</summary>
    public int AnswerCount { get; }

    /// <summary>x, the bits of the modulus.</summary>
    public int AnswerModulusBits { get; }

    /// <summary>Bytes of a written answer.</summary>
    /// <param name="degree">N.</param>
    /// <param name="answerCount">Coefficients of c0, 1 to N.</param>
    /// <param name="answerModulusBits">x, 2 to 52.</param>
    /// <returns>⌈(answerCount + N)·x/8⌉.</returns>
    public static int SerializedSize(int degree, int answerCount, int answerModulusBits)
    {
        CheckShape(degree, answerCount, answerModulusBits);
        return BitWriter.ByteCount(degree + answerCount, answerModulusBits);
    }

    /// <summary>Writes the residues.</summary>
    /// <param name="writer">Takes <see cref="SerializedSize"/> bytes.</param>
    public void Write(IBufferWriter<byte> writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(_bytes);
    }

    /// <summary>Reads an answer whose shape is agreed.</summary>
    /// <param name="source">Exactly <see cref="SerializedSize"/> bytes.</param>
    /// <param name="degree">N.</param>
    /// <param name="answerCount">Coefficients of c0.</param>
    /// <param name="answerModulusBits">x.</param>
    /// <returns>The answer.</returns>
    /// <exception cref="LatticeFormatException">The length is wrong or the padding is not zero. Every value of x bits is a valid residue.</exception>
    public static ScanAnswer Read(ReadOnlySequence<byte> source, int degree, int answerCount, int answerModulusBits)
    {
        var size = SerializedSize(degree, answerCount, answerModulusBits);
        if (source.Length != size)
            throw new LatticeFormatException(Messages.WrongLength(Kind, size, source.Length));
        var bytes = GC.AllocateUninitializedArray<byte>(size);
        source.CopyTo(bytes);
        if (!BitReader.IsZeroFrom(bytes, (long)(degree + answerCount) * answerModulusBits))
            throw new LatticeFormatException(Messages.PaddingNotZero(Kind));
        return new ScanAnswer(degree, answerCount, answerModulusBits, bytes);
    }

    /// <summary>Packs residues of [0, 2^x).</summary>
    internal static ScanAnswer Pack(int degree, int answerModulusBits, ReadOnlySpan<double> first, ReadOnlySpan<double> second)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(SerializedSize(degree, first.Length, answerModulusBits));
        var writer = new BitWriter(bytes);
        writer.Write(first, answerModulusBits);
        writer.Write(second, answerModulusBits);
        return new ScanAnswer(degree, first.Length, answerModulusBits, bytes);
    }

    /// <summary>Unpacks both polynomials.</summary>
    internal void Unpack(Span<long> first, Span<long> second)
    {
        BitReader.Read(_bytes, 0, AnswerModulusBits, first[..AnswerCount]);
        BitReader.Read(_bytes, (long)AnswerCount * AnswerModulusBits, AnswerModulusBits, second[..Degree]);
    }

    internal static void CheckShape(int degree, int answerCount, int answerModulusBits)
    {
        _ = LatticeParameters.MaximumModulusBits(degree);
        if (answerCount < 1 || answerCount > degree)
            throw new ArgumentOutOfRangeException(nameof(answerCount), answerCount, $"There are 1 to {degree} answer coefficients.");
        if (answerModulusBits is < 2 or > MaximumModulusBits)
            throw new ArgumentOutOfRangeException(nameof(answerModulusBits), answerModulusBits, $"The answer modulus has 2 to {MaximumModulusBits} bits.");
    }
}
