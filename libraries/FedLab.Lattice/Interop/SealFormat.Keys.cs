using System.Buffers;
using FedLab.Lattice.Evaluation;

namespace FedLab.Lattice.Interop;

public static partial class SealFormat
{
    /// <summary>
    /// Keys are uniform residues of at least this share of their 64-bit words (12 bits), so zlib cannot pack them better; what unpacks
    /// to more is refused. The lists of empty entries in Galois keys come on top.
    /// </summary>
    private const int LargestKeyPacking = 6;

    /// <summary>Writes a secret key as SEAL's SecretKey. The bytes are the secret in the clear: whoever has them decrypts everything.</summary>
    /// <param name="key">A key of one secret.</param>
    /// <param name="writer">Takes the bytes; keep them from the network and from logs, and zero them after use.</param>
    /// <exception cref="ArgumentException">The key has several secrets, which SEAL does not know.</exception>
    /// <exception cref="ObjectDisposedException">The key is disposed.</exception>
    public static void Write(SecretKey key, IBufferWriter<byte> writer)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(writer);
        if (key.Messages != 1)
            throw new ArgumentException($"The key has {key.Messages} secrets; SEAL's keys have one.", nameof(key));
        var output = new SealWriter(writer);
        using (key.Use())
        {
            SealPolynomials.OpenPlaintext(output, key.Context, key.Context.Tables.Length, SealPolynomials.KeyScale);
            SealPolynomials.WriteRows(output, key.Context, key.Evaluation);
        }
    }

    /// <summary>Reads SEAL's SecretKey.</summary>
    /// <remarks>
    /// The time does not depend on the secret. The caller zeroes <paramref name="source"/>. Of a key that is packed with zlib the
    /// unpacking library may leave traces in memory, and its time depends on the bytes: prefer it unpacked.
    /// </remarks>
    /// <param name="source">Exactly the object.</param>
    /// <param name="context">The ring that it was made with, all primes included.</param>
    /// <returns>The key; the caller disposes it.</returns>
    /// <exception cref="LatticeFormatException">The bytes are not such an object of this ring, or the key is not ternary.</exception>
    public static SecretKey ReadSecretKey(ReadOnlySequence<byte> source, LatticeContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var input = new SealReader(source, nameof(SecretKey), SealSizes.Plaintext(context.PolynomialLength));
        var polynomial = context.Polynomials.Rent();
        try
        {
            SealPolynomials.OpenPlaintext(ref input, context, context.Tables.Length, isKey: true);
            SealPolynomials.ReadRows(ref input, context, polynomial.Span);
            input.End();
            context.Inverse(polynomial.Span);
            var secret = polynomial.Span[..context.Degree];
            if (!IsTernary(secret, polynomial.Span))
                throw new LatticeFormatException(Messages.SealNotTernary());
            return SecretKey.FromCoefficients(context, secret);
        }
        finally
        {
            context.Polynomials.Return(polynomial, wasSecret: true);
            input.Dispose();
        }
    }

    /// <summary>Writes a public key as SEAL's PublicKey.</summary>
    /// <param name="key">A key of one message.</param>
    /// <param name="writer">Takes the bytes.</param>
    /// <exception cref="ArgumentException">The key is of several secrets, which SEAL does not know.</exception>
    public static void Write(PublicKey key, IBufferWriter<byte> writer)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(writer);
        if (key.Messages != 1)
            throw new ArgumentException($"The key is of {key.Messages} secrets; SEAL's keys have one.", nameof(key));
        WritePair(new SealWriter(writer), key.Context, key.B, key.A, seed: null);
    }

    /// <summary>Makes a public key and writes it as SEAL's seeded PublicKey, half as long.</summary>
    /// <param name="key">The secret key, of one secret; not disposed.</param>
    /// <param name="writer">Takes the bytes.</param>
    /// <exception cref="ArgumentException">The key has several secrets, which SEAL does not know.</exception>
    public static void WriteSeededPublicKey(SecretKey key, IBufferWriter<byte> writer)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(writer);
        if (key.Messages != 1)
            throw new ArgumentException($"The key has {key.Messages} secrets; SEAL's keys have one.", nameof(key));
        var pair = PublicKey.Generate(key);
        WriteFreshPair(new SealWriter(writer), key, pair.B, pair.A);
    }

    /// <summary>Reads SEAL's PublicKey, seeded or whole.</summary>
    /// <param name="source">Exactly the object.</param>
    /// <param name="context">The ring that it was made with, all primes included.</param>
    /// <returns>The key. It encrypts; its own wire form has another seed, so it can be written in SEAL's format only.</returns>
    /// <exception cref="LatticeFormatException">The bytes are not such an object of this ring.</exception>
    public static PublicKey ReadPublicKey(ReadOnlySequence<byte> source, LatticeContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var input = new SealReader(source, nameof(PublicKey), SealSizes.Ciphertext((long)SealPolynomials.PairSize * context.PolynomialLength));
        var b = context.Polynomials.Rent();
        var a = context.Polynomials.Rent();
        try
        {
            ReadPair(ref input, context, b.Span, a.Span);
            input.End();
            return new PublicKey(context, b.Span, a.Span);
        }
        finally
        {
            context.Polynomials.Return(a, wasSecret: false);
            context.Polynomials.Return(b, wasSecret: false);
            input.Dispose();
        }
    }

    /// <summary>Writes a relinearisation key as SEAL's RelinKeys.</summary>
    /// <param name="key">The key.</param>
    /// <param name="writer">Takes the bytes.</param>
    public static void Write(RelinearisationKey key, IBufferWriter<byte> writer)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(writer);
        WriteSwitchKeys(new SealWriter(writer), key.Context, 1, [new(0, key.Key)], secret: null);
    }

    /// <summary>Makes a relinearisation key and writes it as SEAL's seeded RelinKeys, half as long.</summary>
    /// <param name="context">The parameters.</param>
    /// <param name="key">The secret key; not disposed.</param>
    /// <param name="writer">Takes the bytes.</param>
    /// <exception cref="ArgumentException">The key is of another ring, or the ring has no special prime.</exception>
    public static void WriteSeededRelinearisationKey(CkksContext context, SecretKey key, IBufferWriter<byte> writer)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(writer);
        WriteSwitchKeys(new SealWriter(writer), context, 1, [new(0, RelinearisationKey.Generate(context, key).Key)], key);
    }

    /// <summary>Reads SEAL's RelinKeys, seeded or whole, with the one key from s².</summary>
    /// <param name="source">Exactly the object.</param>
    /// <param name="context">The parameters that it was made with.</param>
    /// <returns>The key.</returns>
    /// <exception cref="LatticeFormatException">The bytes are not such an object of these parameters.</exception>
    public static RelinearisationKey ReadRelinearisationKey(ReadOnlySequence<byte> source, CkksContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var keys = ReadSwitchKeys(source, nameof(RelinearisationKey), context, 1);
        return new RelinearisationKey(keys.Count == 1 ? keys[0].Value : throw new LatticeFormatException(Messages.SealField(nameof(RelinearisationKey), "keys", 1, 0)));
    }

    /// <summary>Writes Galois keys as SEAL's GaloisKeys, ascending by element.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="writer">Takes the bytes.</param>
    public static void Write(GaloisKeys keys, IBufferWriter<byte> writer)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(writer);
        WriteSwitchKeys(new SealWriter(writer), keys.Context, keys.Context.Degree, Indexed(keys), secret: null);
    }

    /// <summary>Makes Galois keys and writes them as SEAL's seeded GaloisKeys, half as long.</summary>
    /// <param name="context">The parameters.</param>
    /// <param name="key">The secret key; not disposed.</param>
    /// <param name="elements">The Galois elements.</param>
    /// <param name="writer">Takes the bytes.</param>
    /// <exception cref="ArgumentException">The key is of another ring, an element is out of range, or the ring has no special prime.</exception>
    public static void WriteSeededGaloisKeys(CkksContext context, SecretKey key, IEnumerable<int> elements, IBufferWriter<byte> writer)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(writer);
        WriteSwitchKeys(new SealWriter(writer), context, context.Degree, Indexed(GaloisKeys.Generate(context, key, elements)), key);
    }

    /// <summary>Reads SEAL's GaloisKeys, seeded or whole.</summary>
    /// <param name="source">Exactly the object.</param>
    /// <param name="context">The parameters that they were made with.</param>
    /// <returns>The keys.</returns>
    /// <exception cref="LatticeFormatException">The bytes are not such an object of these parameters.</exception>
    public static GaloisKeys ReadGaloisKeys(ReadOnlySequence<byte> source, CkksContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var keys = ReadSwitchKeys(source, nameof(GaloisKeys), context, context.Degree);
        return new GaloisKeys(context, keys.Select(entry => KeyValuePair.Create((2 * entry.Key) + 1, entry.Value)));
    }

    /// <summary>SEAL keeps the key of element g at (g - 1)/2.</summary>
    private static List<KeyValuePair<int, KeySwitchKey>> Indexed(GaloisKeys keys) =>
        [.. keys.Elements.Order().Select(element => KeyValuePair.Create(element >> 1, keys.Get(element)))];

    /// <summary>Writes KSwitchKeys with the given entries, ascending, of so many. With a secret the keys are fresh, and are moved to seeds and overwritten.</summary>
    private static void WriteSwitchKeys(SealWriter output, CkksContext context, int entries, List<KeyValuePair<int, KeySwitchKey>> keys, SecretKey? secret)
    {
        var lattice = context.Lattice;
        var pair = secret is null
            ? SealSizes.Ciphertext((long)SealPolynomials.PairSize * lattice.PolynomialLength)
            : SealSizes.Ciphertext(lattice.PolynomialLength) + SealSizes.Seed;
        output.WriteHeader(SealHeader.Bytes + SealChain.IdentifierBytes + (entries + 1L) * sizeof(ulong) + keys.Count * context.DataPrimes * pair);
        SealPolynomials.WriteIdentifier(output, lattice, lattice.Tables.Length);
        output.WriteWord((ulong)entries);
        var written = 0;
        foreach (var (index, key) in keys)
        {
            for (; written < index; written++)
                output.WriteWord(0);
            output.WriteWord((ulong)key.Digits);
            for (var digit = 0; digit < key.Digits; digit++)
            {
                if (secret is null)
                    WritePair(output, lattice, key.B(digit), key.A(digit), seed: null);
                else
                    WriteFreshPair(output, secret, key.B(digit), key.A(digit));
            }

            written++;
        }

        for (; written < entries; written++)
            output.WriteWord(0);
    }

    private static void WriteFreshPair(SealWriter output, SecretKey key, Span<double> b, Span<double> a)
    {
        var seed = SealSeed.Create();
        SealMask.Replace(key, seed, b, a);
        WritePair(output, key.Context, b, a, seed);
    }

    private static void WritePair(SealWriter output, LatticeContext context, ReadOnlySpan<double> b, ReadOnlySpan<double> a, SealSeed? seed)
    {
        SealPolynomials.OpenCiphertext(output, context, context.Tables.Length, SealPolynomials.PairSize, SealPolynomials.KeyScale, isSeeded: seed is not null);
        SealPolynomials.WriteRows(output, context, b);
        if (seed is { } given)
            SealPolynomials.WriteSeed(output, given);
        else
            SealPolynomials.WriteRows(output, context, a);
    }

    /// <summary>Reads KSwitchKeys of so many entries, each empty or with a pair for every data prime.</summary>
    private static List<KeyValuePair<int, KeySwitchKey>> ReadSwitchKeys(in ReadOnlySequence<byte> source, string kind, CkksContext context, int entries)
    {
        var lattice = context.Lattice;
        if (context.SpecialPrime is null)
            throw new LatticeFormatException(Messages.SealNoKeySwitching(kind));
        var list = SealChain.IdentifierBytes + (entries + 1L) * sizeof(ulong);
        var whole = context.DataPrimes * SealSizes.Ciphertext((long)SealPolynomials.PairSize * lattice.PolynomialLength);
        var input = new SealReader(source, kind, list + Math.Min(entries * whole, source.Length * LargestKeyPacking));
        try
        {
            Span<byte> identifier = stackalloc byte[SealChain.IdentifierBytes];
            input.Read(identifier);
            if (SealChain.Find(lattice.Parameters, lattice.Tables.Length, identifier) != lattice.Tables.Length)
                throw input.OtherParameters(identifier);
            input.Expect("keys", (ulong)entries);
            var keys = new List<KeyValuePair<int, KeySwitchKey>>();
            for (var entry = 0; entry < entries; entry++)
            {
                var digits = input.ReadWord();
                if (digits == 0)
                    continue;
                if (digits != (ulong)context.DataPrimes)
                    throw input.Unexpected($"keys[{entry}]", context.DataPrimes, digits);

                // A seeded pair is the shortest.
                if (input.Remaining < context.DataPrimes * SealSizes.Ciphertext(lattice.PolynomialLength))
                    throw input.Truncated();
                var key = new KeySwitchKey(context);
                for (var digit = 0; digit < key.Digits; digit++)
                {
                    var before = input.Remaining;
                    var size = input.ReadHeader();
                    ReadPair(ref input, lattice, key.B(digit), key.A(digit));
                    if (size != (ulong)(before - input.Remaining))
                        throw new LatticeFormatException(Messages.SealCut(kind, size, before - input.Remaining));
                }

                keys.Add(KeyValuePair.Create(entry, key));
            }

            input.End();
            return keys;
        }
        finally
        {
            input.Dispose();
        }
    }

    /// <summary>Reads the members of a PublicKey.</summary>
    private static void ReadPair(ref SealReader input, LatticeContext context, Span<double> b, Span<double> a)
    {
        var (_, _, _, isSeeded) = SealPolynomials.OpenCiphertext(ref input, context, context.Tables.Length, isKey: true);
        SealPolynomials.ReadRows(ref input, context, b);
        SealPolynomials.ReadSecond(ref input, context, isSeeded, a);
    }

    /// <summary>Whether a secret and its residues modulo every prime are the same integers of -1, 0 and 1; in constant time.</summary>
    private static bool IsTernary(ReadOnlySpan<double> secret, ReadOnlySpan<double> rows)
    {
        var deviation = 0.0;
        for (var start = 0; start < rows.Length; start += secret.Length)
        {
            var row = rows.Slice(start, secret.Length);
            for (var i = 0; i < secret.Length; i++)
                deviation += Math.Abs(row[i] * (row[i] - 1) * (row[i] + 1)) + Math.Abs(row[i] - secret[i]);
        }

        return deviation == 0;
    }
}
