using FedLab.Lattice.Encoding;

namespace FedLab.Lattice.Multiparty;

/// <summary>Encrypts a party's integers under the collective public key, as contributions to a sum. Thread-safe.</summary>
/// <remarks>
/// <para>(Σ v_j·2^s·X^j + u·b + e0, u·a + e1) with a fresh ternary u: nothing of it tells anybody who lacks one of the secrets anything.</para>
/// <para>Constant time: samplers without branches on what they keep, then transforms and products that are the same instructions for every value, mask and error, in
/// scratch that is zeroed on every way out.</para>
/// </remarks>
public sealed class SumEncryptor
{
    private readonly LatticeContext _context;
    private readonly CollectiveSumPlan _plan;
    private readonly PublicKey _publicKey;

    /// <summary>Takes the key.</summary>
    /// <param name="context">The plan's ring.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="publicKey">From <see cref="CollectivePublicKeyProtocol.Finish"/>.</param>
    /// <exception cref="ArgumentException">The key or the context is of another ring.</exception>
    public SumEncryptor(LatticeContext context, CollectiveSumPlan plan, PublicKey publicKey)
    {
        ArgumentNullException.ThrowIfNull(publicKey);
        SumDecryptionProtocol.RequireRing(context, plan);
        if (!ReferenceEquals(publicKey.Context, context) || publicKey.Messages != 1)
            throw new ArgumentException("The public key must be of one message in the plan's ring.", nameof(publicKey));
        (_context, _plan, _publicKey) = (context, plan, publicKey);
    }

    /// <summary>Encrypts values.</summary>
    /// <param name="values">1 to N integers within the plan's magnitude.</param>
    /// <returns>The ciphertext; the caller disposes it.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A value is larger than the plan allows. The message does not name it: it is the party's own.</exception>
    public unsafe SumCiphertext Encrypt(ReadOnlySpan<long> values)
    {
        var bound = 1L << _plan.MagnitudeBits;
        foreach (var value in values)
        {
            if (value > bound || value < -bound)
                throw new ArgumentOutOfRangeException(nameof(values), $"A value is larger than 2^{_plan.MagnitudeBits} in magnitude, which the sum was planned for.");
        }

        var ciphertext = new SumCiphertext(_context, values.Length);
        using var scratch = _context.Rows.RentSecret();
        using var ternary = _context.Polynomials.RentSecret();
        using var zero = _context.Polynomials.RentSecret();
        using var message = _context.Polynomials.RentSecret();
        using (var stream = _context.Streams.RentRandom())
        {
            RowArithmetic.FreshTernary(_context, stream, scratch.Span, ternary.Span);
            RowArithmetic.FreshError(_context, stream, scratch.Span, ciphertext.Second);
            RowArithmetic.AddProduct(_context, _publicKey.A, ternary.Span, ciphertext.Second);
            RowArithmetic.FreshError(_context, stream, scratch.Span, zero.Span);
            RowArithmetic.AddProduct(_context, _publicKey.B, ternary.Span, zero.Span);
        }

        _context.Inverse(zero.Span);
        IntegerEncoding.Encode(_context, values, _plan.ScaleBits, message.Span);
        fixed (double* zeros = zero.Span, messages = message.Span, first = ciphertext.First)
        {
            for (var i = 0; i < _context.Tables.Length; i++)
            {
                var table = _context.Tables[i];
                var coefficients = zeros + ((long)i * _context.Degree);
                var row = first + ((long)i * ciphertext.PaddedValues);
                _context.Kernels.Add(coefficients, messages + ((long)i * _context.Degree), ciphertext.PaddedValues);
                _context.Kernels.Reduce(table.Modulus, table.Inverse, coefficients, row, ciphertext.PaddedValues);
                _context.Kernels.Canonicalise(table.Modulus, row, row, ciphertext.PaddedValues);
                new Span<double>(row + ciphertext.Values, ciphertext.PaddedValues - ciphertext.Values).Clear();
            }
        }

        return ciphertext;
    }
}
