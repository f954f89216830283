using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using FedLab.Lattice.Encoding;
using FedLab.Lattice.Encryption;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice;

/// <summary>Encrypts integer coefficients under the own secret key. Thread-safe.</summary>
/// <remarks>
/// Constant time: no branch, table index or division depends on a coefficient, the secret or the error. Only a refusal tells that the largest magnitude does not fit.
/// </remarks>
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
        using var sample = new SharedMask(_key, 1);
        sample.Encrypt(0, coefficients, scaleBits);
        return sample.ToCiphertext();
    }

    /// <summary>Encrypts several messages under one fresh mask, each with a secret and a fresh error of its own.</summary>
    /// <param name="messages">1 to as many messages as the key has secrets, each up to N integers.</param>
    /// <param name="scaleBits">Bits of room below the integers for noise, 0 or more.</param>
    /// <returns>A ciphertext of all of them.</returns>
    /// <exception cref="ArgumentException">There are too many messages or coefficients, or one does not fit: |m|·2^scaleBits must be below Q/2.</exception>
    /// <exception cref="ObjectDisposedException">The key is disposed.</exception>
    public SeededCiphertext EncryptTogether(IReadOnlyList<ReadOnlyMemory<long>> messages, int scaleBits)
    {
        ArgumentNullException.ThrowIfNull(messages);
        using var sample = new SharedMask(_key, messages.Count);
        for (var message = 0; message < messages.Count; message++)
            sample.Encrypt(message, messages[message].Span, scaleBits);
        return sample.ToCiphertext();
    }

    /// <summary>One fresh mask and the messages that are encrypted under it.</summary>
    private sealed class SharedMask : IDisposable
    {
        private readonly SecretKey _key;
        private readonly int _messages;
        private readonly AlignedBuffer _uniform;
        private readonly AlignedBuffer _polynomial;
        private readonly byte[] _form;

        public SharedMask(SecretKey key, int messages)
        {
            if (messages < 1 || messages > key.Messages)
                throw new ArgumentException($"The key has {key.Messages} secrets for {messages} messages.", nameof(messages));
            (_key, _messages) = (key, messages);
            var context = key.Context;
            Span<byte> seed = stackalloc byte[SeededForm.SeedBytes];
            RandomNumberGenerator.Fill(seed);
            _form = SeededForm.Create(context, seed, messages);
            _uniform = context.Polynomials.Rent();
            _polynomial = context.Polynomials.Rent();
            SeededForm.ExpandSeed(context, seed, _uniform.Span);
        }

        public void Encrypt(int message, ReadOnlySpan<long> coefficients, int scaleBits)
        {
            var context = _key.Context;
            if (coefficients.Length > context.Degree)
                throw new ArgumentException($"At most {context.Degree} coefficients fit, not {coefficients.Length}.", nameof(coefficients));
            ArgumentOutOfRangeException.ThrowIfNegative(scaleBits);
            var largest = LargestMagnitude(coefficients);
            if (Math.ScaleB((double)largest, scaleBits) >= (double)context.Parameters.Modulus / 2)
                throw new ArgumentException($"A coefficient of 2^{Math.Log2(largest):F1} and {scaleBits} scale bits do not fit half a modulus of 2^{context.Parameters.ModulusBits:F1}.", nameof(scaleBits));

            IntegerEncoding.Encode(context, coefficients, scaleBits, _polynomial.Span);
            RlweSample.Complete(_key, message, _polynomial.Span, _uniform.Span);
            SeededForm.Pack(context, _form, message, _polynomial.Span);
        }

        public SeededCiphertext ToCiphertext() => new(_key.Context, _messages, _form);

        public void Dispose()
        {
            _key.Context.Polynomials.Return(_uniform, wasSecret: false);
            _key.Context.Polynomials.Return(_polynomial, wasSecret: true);
        }

        /// <summary>The only thing about the message that a refusal tells; found without a branch on any of its coefficients.</summary>
        private static ulong LargestMagnitude(ReadOnlySpan<long> coefficients)
        {
            var largest = Vector128<ulong>.Zero;
            foreach (var coefficient in coefficients)
                largest = Vector128.Max(largest, Vector128.Abs(Vector128.CreateScalar(coefficient)).AsUInt64());
            return largest.ToScalar();
        }
    }
}
