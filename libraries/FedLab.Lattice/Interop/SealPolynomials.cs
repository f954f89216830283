using FedLab.Lattice.Evaluation;

namespace FedLab.Lattice.Interop;

/// <summary>The members before the words in the two shapes in which SEAL keeps polynomials: a Plaintext's, which a SecretKey has too, and a Ciphertext's, which a PublicKey has.</summary>
internal static class SealPolynomials
{
    /// <summary>The scale of a key.</summary>
    public const double KeyScale = 1;

    /// <summary>Polynomials of a key, and of a ciphertext whose second is named by a seed.</summary>
    public const int PairSize = 2;

    private const byte EvaluationForm = 1;

    /// <summary>The factor of BGV; 1 in every other scheme.</summary>
    private const ulong CorrectionFactor = 1;

    /// <summary>Writes a Plaintext or SecretKey modulo the first <paramref name="primes"/> primes up to its rows.</summary>
    public static void OpenPlaintext(SealWriter output, LatticeContext context, int primes, double scale)
    {
        var words = (long)primes * context.Degree;
        output.WriteHeader(SealSizes.Plaintext(words));
        WriteIdentifier(output, context, primes);
        output.WriteWord((ulong)words);
        output.WriteDouble(scale);
        output.WriteArrayHeader(words);
    }

    /// <summary>Writes a Ciphertext or PublicKey up to its rows.</summary>
    public static void OpenCiphertext(SealWriter output, LatticeContext context, int primes, int size, double scale, bool isSeeded)
    {
        var words = (long)(isSeeded ? size - 1 : size) * primes * context.Degree;
        output.WriteHeader(SealSizes.Ciphertext(words) + (isSeeded ? SealSizes.Seed : 0));
        WriteIdentifier(output, context, primes);
        output.WriteByte(EvaluationForm);
        output.WriteWord((ulong)size);
        output.WriteWord((ulong)context.Degree);
        output.WriteWord((ulong)primes);
        output.WriteDouble(scale);
        output.WriteWord(CorrectionFactor);
        output.WriteArrayHeader(words);
    }

    /// <summary>Writes the parms_id of the level with so many primes.</summary>
    public static void WriteIdentifier(SealWriter output, LatticeContext context, int primes)
    {
        Span<byte> identifier = stackalloc byte[SealChain.IdentifierBytes];
        SealChain.Identify(context.Parameters, primes, identifier);
        output.Write(identifier);
    }

    /// <summary>Writes one polynomial.</summary>
    public static void WriteRows(SealWriter output, LatticeContext context, ReadOnlySpan<double> polynomial)
    {
        for (var row = 0; row * context.Degree < polynomial.Length; row++)
            output.WriteRow(context.Tables[row], polynomial.Slice(row * context.Degree, context.Degree));
    }

    /// <summary>Writes what a last polynomial is expanded from.</summary>
    public static void WriteSeed(SealWriter output, SealSeed seed)
    {
        output.WriteHeader(SealSizes.Seed);
        output.WriteByte((byte)seed.Generator);
        output.Write(seed.Bytes);
    }

    /// <summary>Reads a Plaintext or SecretKey up to its rows.</summary>
    /// <param name="input">Stands behind the header.</param>
    /// <param name="context">The ring.</param>
    /// <param name="primes">Most primes that its level can have; of a key the only number.</param>
    /// <param name="isKey">Whether it must be at the key level with scale 1.</param>
    public static (int Primes, double Scale) OpenPlaintext(ref SealReader input, LatticeContext context, int primes, bool isKey)
    {
        primes = ReadIdentifier(ref input, context, primes, isKey);
        var words = (ulong)primes * (ulong)context.Degree;
        input.Expect("coeff_count", words);
        var scale = ReadScale(ref input, context, primes, isKey);
        input.OpenArray("data", words, words);
        return (primes, scale);
    }

    /// <summary>Reads a Ciphertext or PublicKey up to its rows.</summary>
    /// <param name="input">Stands behind the header.</param>
    /// <param name="context">The ring.</param>
    /// <param name="primes">Most primes that its level can have; of a key the only number.</param>
    /// <param name="isKey">Whether it must be a pair at the key level with scale 1.</param>
    public static (int Primes, int Size, double Scale, bool IsSeeded) OpenCiphertext(ref SealReader input, LatticeContext context, int primes, bool isKey)
    {
        primes = ReadIdentifier(ref input, context, primes, isKey);
        var form = input.ReadByte();
        if (form != EvaluationForm)
            throw input.Unexpected("is_ntt_form", EvaluationForm, form);
        var size = input.ReadWord();
        var largest = (ulong)(isKey ? PairSize : CkksCiphertext.MaximumSize);
        if (size is < PairSize || size > largest)
            throw input.Unexpected("size", $"{PairSize}–{largest}", size);
        input.Expect("poly_modulus_degree", (ulong)context.Degree);
        input.Expect("coeff_modulus_size", (ulong)primes);
        var scale = ReadScale(ref input, context, primes, isKey);
        input.Expect("correction_factor", CorrectionFactor);
        var words = (ulong)primes * (ulong)context.Degree;
        var count = input.OpenArray("data", size * words, size == PairSize ? words : size * words);
        return (primes, (int)size, scale, count == words);
    }

    /// <summary>Reads one polynomial.</summary>
    public static void ReadRows(ref SealReader input, LatticeContext context, Span<double> polynomial)
    {
        for (var row = 0; row * context.Degree < polynomial.Length; row++)
            input.ReadRow(context.Tables[row], polynomial.Slice(row * context.Degree, context.Degree));
    }

    /// <summary>Reads the second polynomial of a pair: its rows, or the seed that it is expanded from.</summary>
    public static void ReadSecond(ref SealReader input, LatticeContext context, bool isSeeded, Span<double> polynomial)
    {
        if (!isSeeded)
        {
            ReadRows(ref input, context, polynomial);
            return;
        }

        input.ReadHeader(SealSizes.Seed);
        var generator = (SealGenerator)input.ReadByte();
        var seed = new byte[SealSeed.SeedBytes];
        input.Read(seed);
        if (!SealSeed.CanExpand(generator))
            throw input.UnknownGenerator((int)generator);
        new SealSeed(generator, seed).Expand(context, polynomial);
    }

    private static int ReadIdentifier(ref SealReader input, LatticeContext context, int primes, bool isKey)
    {
        Span<byte> identifier = stackalloc byte[SealChain.IdentifierBytes];
        input.Read(identifier);
        var found = SealChain.Find(context.Parameters, primes, identifier);
        return found == 0 || (isKey && found != primes) ? throw input.OtherParameters(identifier) : found;
    }

    /// <summary>A key's scale is 1; another's is positive and, as SEAL asks too, below the modulus of its level.</summary>
    private static double ReadScale(ref SealReader input, LatticeContext context, int primes, bool isKey)
    {
        var scale = input.ReadDouble();
        if (isKey && scale != KeyScale)
            throw input.Unexpected("scale", KeyScale, scale);
        var bits = 0.0;
        for (var i = 0; i < primes; i++)
            bits += Math.Log2(context.Tables[i].Modulus);
        if (!double.IsNormal(scale) || scale < 0 || Math.Log2(scale) >= bits)
            throw input.Unexpected("scale", $"0 < scale < 2^{Math.Floor(bits)}", scale);
        return scale;
    }
}
