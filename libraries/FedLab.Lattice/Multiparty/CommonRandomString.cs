using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice.Multiparty;

/// <summary>What a uniform polynomial of the common random string is for. Every field goes into its seed, so no two uses share a polynomial.</summary>
/// <remarks>
/// Two shares for one polynomial leak: a Galois share and a public-key share with the same a differ by P·φ(s) plus two small errors.
/// A protocol that did not finish is repeated with the next <paramref name="Attempt"/>, never with the same label.
/// </remarks>
/// <param name="Protocol">The protocol.</param>
/// <param name="Element">Galois element of a Galois key; 0 elsewhere.</param>
/// <param name="Attempt">0 for the first run, one more for each repetition.</param>
public readonly record struct CommonLabel(CollectiveProtocolKind Protocol, int Element = 0, int Attempt = 0)
{
    /// <summary>For example "PublicKey, element 0, attempt 0".</summary>
    /// <returns>The label as a person reads it.</returns>
    public override string ToString() => $"{Protocol}, element {Element}, attempt {Attempt}";
}

/// <summary>32 public bytes that all parties agreed on, from which every uniform polynomial of the collective keys is expanded. Immutable.</summary>
/// <remarks>
/// A polynomial's seed is HKDF-Expand(SHA-256, string, "FedLab common polynomial v1" ‖ SHA-256(parameters) ‖ protocol, element,
/// attempt and index as four little-endian 32-bit words) (RFC 5869, section 2.3), and the polynomial that seed's expansion,
/// the same as that of a <see cref="PublicKey"/>'s or ciphertext's seed.
/// </remarks>
public sealed class CommonRandomString
{
    /// <summary>Bytes of the string.</summary>
    public const int Bytes = 32;

    private readonly byte[] _seed;

    /// <summary>Takes an agreed string.</summary>
    /// <param name="seed">32 bytes that nobody chose alone; see <see cref="FromContributions"/>.</param>
    /// <exception cref="ArgumentException">There are not 32 bytes.</exception>
    public CommonRandomString(ReadOnlySpan<byte> seed)
    {
        if (seed.Length != Bytes)
            throw new ArgumentException($"A common random string has {Bytes} bytes, not {seed.Length}.", nameof(seed));
        _seed = seed.ToArray();
    }

    /// <summary>The string.</summary>
    public ReadOnlySpan<byte> Seed => _seed;

    private static ReadOnlySpan<byte> Domain => "FedLab common polynomial v1"u8;

    private static ReadOnlySpan<byte> ContributionDomain => "FedLab common random string v1"u8;

    /// <summary>A string from the operating system's generator.</summary>
    /// <returns>A fresh string.</returns>
    public static CommonRandomString Create() => new(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>The hash of one fresh contribution of each party: uniform, and different from every earlier string, if one of them was fresh.</summary>
    /// <param name="contributions">32 bytes from each party, in the order of the parties.</param>
    /// <returns>The same string at every party.</returns>
    /// <exception cref="ArgumentException">There is none, or one does not have 32 bytes.</exception>
    public static CommonRandomString FromContributions(IReadOnlyList<ReadOnlyMemory<byte>> contributions)
    {
        ArgumentNullException.ThrowIfNull(contributions);
        if (contributions.Count == 0)
            throw new ArgumentException("At least one contribution is needed.", nameof(contributions));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(ContributionDomain);
        for (var party = 0; party < contributions.Count; party++)
        {
            if (contributions[party].Length != Bytes)
                throw new ArgumentException($"The contribution of party {party} has {contributions[party].Length} bytes instead of {Bytes}.", nameof(contributions));
            hash.AppendData(contributions[party].Span);
        }

        return new CommonRandomString(hash.GetHashAndReset());
    }

    /// <summary>Derives the seed of one polynomial.</summary>
    internal void Derive(LatticeContext context, CommonLabel label, int index, Span<byte> seed)
    {
        Span<byte> info = stackalloc byte[Domain.Length + SHA256.HashSizeInBytes + 16];
        Domain.CopyTo(info);
        var rest = info[Domain.Length..];
        ParametersDigest(context, rest);
        rest = rest[SHA256.HashSizeInBytes..];
        BinaryPrimitives.WriteInt32LittleEndian(rest, (int)label.Protocol);
        BinaryPrimitives.WriteInt32LittleEndian(rest[4..], label.Element);
        BinaryPrimitives.WriteInt32LittleEndian(rest[8..], label.Attempt);
        BinaryPrimitives.WriteInt32LittleEndian(rest[12..], index);
        HKDF.Expand(HashAlgorithmName.SHA256, _seed, seed, info);
    }

    /// <summary>SHA-256 of the written parameters.</summary>
    internal static void ParametersDigest(LatticeContext context, Span<byte> digest)
    {
        var written = new ArrayBufferWriter<byte>();
        context.Parameters.Write(written);
        SHA256.HashData(written.WrittenSpan, digest);
    }
}

/// <summary>The uniform polynomials of one label, over all primes, expanded. Immutable.</summary>
public sealed class CommonPolynomials
{
    private readonly byte[] _seeds;
    private readonly AlignedBuffer _polynomials;

    internal CommonPolynomials(LatticeContext context, CommonRandomString common, CommonLabel label, int count)
    {
        ArgumentNullException.ThrowIfNull(common);
        if (label.Attempt < 0)
            throw new ArgumentOutOfRangeException(nameof(label), label.Attempt, "Attempts are counted from 0.");
        (Context, Label, Count) = (context, label, count);
        _seeds = new byte[count * KeyedStream.KeyBytes];
        _polynomials = new AlignedBuffer(count * context.PolynomialLength);
        for (var i = 0; i < count; i++)
        {
            var seed = _seeds.AsSpan(i * KeyedStream.KeyBytes, KeyedStream.KeyBytes);
            common.Derive(context, label, i, seed);
            Encryption.SeededForm.ExpandSeed(context, seed, _polynomials.Span.Slice(i * context.PolynomialLength, context.PolynomialLength));
        }
    }

    /// <summary>The ring.</summary>
    public LatticeContext Context { get; }

    /// <summary>What the polynomials are for.</summary>
    public CommonLabel Label { get; }

    /// <summary>How many polynomials: one for a public key, one for each data prime for a key-switching key.</summary>
    public int Count { get; }

    /// <summary>The 32 bytes of every polynomial, one after another.</summary>
    internal ReadOnlySpan<byte> Seeds => _seeds;

    /// <summary>Refuses polynomials of another ring, protocol or number.</summary>
    internal void Check(LatticeContext context, CollectiveProtocolKind protocol, int count)
    {
        if (!ReferenceEquals(Context, context) || Label.Protocol != protocol || Count != count)
            throw new ArgumentException($"The common polynomials are for {Label} ({Count} of them), not for {protocol} ({count}) in this ring: sample them with this protocol.", nameof(context));
    }

    /// <summary>Residues in [0, p), evaluation form.</summary>
    internal Span<double> Polynomial(int index) => _polynomials.Span.Slice(index * Context.PolynomialLength, Context.PolynomialLength);
}
