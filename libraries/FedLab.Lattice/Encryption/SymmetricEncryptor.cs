using System.Security.Cryptography;
using FedLab.Lattice.Encoding;
using FedLab.Lattice.Encryption;

namespace FedLab.Lattice;

/// <summary>Encrypts integer coefficients under the own secret key. Thread-safe.</summary>
/// <param name="key">The secret key; the caller disposes it.</param>
public sealed class SymmetricEncryptor(SecretKey key)
{
    private readonly SecretKey _key = key ?? throw new ArgumentNullException(nameof(key));

    /// <summary>Encrypts Σ m_i·2^scaleBits·X^i with a fresh seed and a fresh error of σ = 3.2.</summary>
    /// <param name="coefficients">Up to N integers, the coefficient of X^0 first; the rest of the polynomial is zero.</param>
    /// <param name="scaleBits">Bits of room below the integers for noise, 0 or more.</param>
    /// <returns>A ciphertext half the size of an expanded one.</returns>
    /// <exception cref="ArgumentException">There are more than N coefficients, or one does not fit: |m|·2^scaleBits must be below Q/2.</exception>
    /// <exception cref="ObjectDisposedException">The key is disposed.</exception>
    public SeededCiphertext Encrypt(ReadOnlySpan<long> coefficients, int scaleBits)
    {
        var context = _key.Context;
        if (coefficients.Length > context.Degree)
            throw new ArgumentException($"At most {context.Degree} coefficients fit, not {coefficients.Length}.", nameof(coefficients));
        ArgumentOutOfRangeException.ThrowIfNegative(scaleBits);
        ulong largest = 0;
        foreach (var coefficient in coefficients)
            largest = Math.Max(largest, coefficient < 0 ? 0 - (ulong)coefficient : (ulong)coefficient);
        if (Math.ScaleB((double)largest, scaleBits) >= (double)context.Parameters.Modulus / 2)
            throw new ArgumentException($"A coefficient of 2^{Math.Log2(largest):F1} and {scaleBits} scale bits do not fit half a modulus of 2^{context.Parameters.ModulusBits:F1}.", nameof(scaleBits));

        Span<byte> seed = stackalloc byte[SeededForm.SeedBytes];
        RandomNumberGenerator.Fill(seed);
        var polynomial = context.Polynomials.Rent();
        try
        {
            IntegerEncoding.Encode(context, coefficients, scaleBits, polynomial.Span);
            RlweSample.Complete(_key, polynomial.Span, seed);
            return new SeededCiphertext(context, SeededForm.Pack(context, seed, polynomial.Span));
        }
        finally
        {
            context.Polynomials.Return(polynomial, wasSecret: true);
        }
    }
}
