using FedLab.Lattice.Evaluation;
using FedLab.Lattice.Noise;

namespace FedLab.Lattice.Multiparty;

/// <summary>Adds fresh encryptions of zero under the collective public key to a ciphertext, which makes it another ciphertext of the same message.</summary>
/// <remarks>
/// <para>(c0 + u·b + e0 + flood, c1 + u·a + e1) with a fresh ternary u. c1 becomes pseudorandom to everyone who does not know u (ring learning with errors),
/// so shares for the old and the new ciphertext are for independent polynomials: this is the remedy when a share for the old one was given and
/// the run must be repeated, above all with another active set. It is also what hides, from those who give shares, how the
/// ciphertext was computed.</para>
/// <para>Whoever re-randomised knows u, and for them the old and new c1 differ by the small u·a + e1. Therefore every acting party applies its own, one after the other:
/// then the new c1 is fresh to any group that lacks one of them.</para>
/// <para>Before a protocol that floods its shares no flood is needed here: those hide the noise of the fresh encryption with the ciphertext's own, and a flood on a flood takes the
/// 40 bits twice. It is for a result that goes straight to a key holder.</para>
/// <para>Added noise of one: the flood and σ·√(4nN/3 + 1) for a key of n parties.</para>
/// </remarks>
public sealed class Rerandomisation
{
    private readonly CkksContext _context;
    private readonly PublicKey _publicKey;

    /// <summary>Takes the collective key.</summary>
    /// <param name="context">The parameters.</param>
    /// <param name="publicKey">From <see cref="CollectivePublicKeyProtocol.Finish"/>.</param>
    /// <param name="parties">That made the key and whose secrets add up to its secret.</param>
    /// <param name="noiseBound">Bound on the noise of the ciphertexts that a flood of 40 bits is to hide, or null for no flood.</param>
    /// <param name="statisticalBits">Of the flooding, at least 40.</param>
    public Rerandomisation(CkksContext context, PublicKey publicKey, int parties, double? noiseBound = null, int statisticalBits = Flooding.MinimumStatisticalBits)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(publicKey);
        if (!ReferenceEquals(publicKey.Context, context.Lattice))
            throw new ArgumentException("The public key is of another ring: read or generate it with this context's Lattice.", nameof(publicKey));
        if (publicKey.Messages != 1)
            throw new ArgumentException($"The key is for {publicKey.Messages} messages; re-randomisation takes a key for one.", nameof(publicKey));
        (_context, _publicKey) = (context, publicKey);
        var zero = MultipartyNoise.EncryptionOfZero(context.Degree, parties, parties);
        Flooding = noiseBound is { } bound ? new Flooding(bound + zero.WorstCase, context.Degree, statisticalBits) : null;
        Noise = Flooding is null ? zero : MultipartyNoise.Sum(zero, Flooding.Total(1));
    }

    /// <summary>The width of the flood, if there is one.</summary>
    public Flooding? Flooding { get; }

    /// <summary>Noise that one application adds.</summary>
    public NoiseEstimate Noise { get; }

    /// <summary>Re-randomises in place.</summary>
    /// <param name="ciphertext">Of two polynomials, at any level.</param>
    /// <param name="messageAndNoiseBound">Largest magnitude of scale·message + noise in any coefficient, before.</param>
    /// <exception cref="ArgumentException">It is of another context or size, or message and noise would not fit the modulus of its level.</exception>
    public void Apply(CkksCiphertext ciphertext, double messageAndNoiseBound)
    {
        ArgumentNullException.ThrowIfNull(ciphertext);
        Misuse.CheckContext(_context, ciphertext.Context, nameof(ciphertext));
        Misuse.CheckSize(2, ciphertext.Size, "relinearise it first");
        var modulus = _context.LevelModulus[ciphertext.Level];
        if (!(messageAndNoiseBound >= 0) || messageAndNoiseBound + Noise.WorstCase >= modulus / 2)
            throw new ArgumentException($"Message and noise (2^{Math.Log2(messageAndNoiseBound):F1}) and the noise that is added (2^{Math.Log2(Noise.WorstCase):F1}) do not fit half of a modulus of 2^{Math.Log2(modulus):F1}. Re-randomise at a higher level.", nameof(messageAndNoiseBound));
        var lattice = _context.Lattice;
        using var scratch = lattice.Rows.RentSecret();
        using var low = lattice.Rows.RentSecret();
        using var ternary = lattice.Polynomials.RentSecret();
        using var zero = lattice.Polynomials.RentSecret();
        using (var stream = lattice.Streams.RentRandom())
        {
            var length = (ciphertext.Level + 1) * lattice.Degree;
            var mask = ternary.Span[..length];
            var rows = zero.Span[..length];
            RowArithmetic.FreshTernary(lattice, stream, scratch.Span, mask);
            RowArithmetic.FreshError(lattice, stream, scratch.Span, rows);
            RowArithmetic.AddProduct(lattice, _publicKey.A, mask, rows);
            RowArithmetic.Add(lattice, lattice.Degree, rows, ciphertext.Polynomial(1));
            RowArithmetic.FreshError(lattice, stream, scratch.Span, rows);
            RowArithmetic.AddProduct(lattice, _publicKey.B, mask, rows);
            RowArithmetic.Add(lattice, lattice.Degree, rows, ciphertext.Polynomial(0));
            if (Flooding is not null)
            {
                RowArithmetic.FreshFlood(lattice, stream, Flooding.WidthBits, scratch.Span, low.Span, rows);
                RowArithmetic.Canonicalise(lattice, rows);
                RowArithmetic.Add(lattice, lattice.Degree, rows, ciphertext.Polynomial(0));
            }
        }
    }
}
