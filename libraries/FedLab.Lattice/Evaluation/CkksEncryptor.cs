using System.Security.Cryptography;
using FedLab.Lattice.Encryption;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice.Evaluation;

/// <summary>Encrypts plaintexts under a public key, or under the own secret key. Thread-safe.</summary>
/// <remarks>
/// <para>Public: an encryption of zero u·(b, a) + (e0, e1) modulo q_0 … q_l·P, divided by P with rounding (SEAL's way), so that of the noise
/// u·e + e1·s + e0 only the rounding of about √(N/18) is left; then the message is added. Without a special prime nothing is divided.</para>
/// <para>Constant time: samplers without branches on what they keep, then transforms and products that are the same instructions for every message, mask, error and
/// secret. Masks and errors live in pinned scratch that is zeroed on every way out.</para>
/// <para>Symmetric: (m + e - a·s, a), a expanded from a fresh seed: less noise, and half the bytes on a line.</para>
/// </remarks>
public sealed class CkksEncryptor
{
    private readonly CkksContext _context;
    private readonly PublicKey? _publicKey;
    private readonly SecretKey? _secretKey;

    /// <summary>Encrypts for the holder of a secret key.</summary>
    /// <param name="context">The parameters.</param>
    /// <param name="publicKey">A key of the context's ring.</param>
    /// <exception cref="ArgumentException">The key is of another ring.</exception>
    public CkksEncryptor(CkksContext context, PublicKey publicKey)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(publicKey);
        if (!ReferenceEquals(publicKey.Context, context.Lattice))
            throw new ArgumentException("The public key is of another ring: read or generate it with this context's Lattice.", nameof(publicKey));
        _context = context;
        _publicKey = publicKey;
    }

    /// <summary>Encrypts for oneself.</summary>
    /// <param name="context">The parameters.</param>
    /// <param name="secretKey">A key of the context's ring; the caller disposes it.</param>
    /// <exception cref="ArgumentException">The key is of another ring.</exception>
    public CkksEncryptor(CkksContext context, SecretKey secretKey)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.CheckKey(secretKey);
        _context = context;
        _secretKey = secretKey;
    }

    /// <summary>Encrypts a plaintext.</summary>
    /// <param name="plaintext">The message; not changed.</param>
    /// <param name="target">Takes a ciphertext of two polynomials at the plaintext's level and scale.</param>
    /// <exception cref="ArgumentException">One of them is of another context.</exception>
    /// <exception cref="ObjectDisposedException">A key or buffer is disposed.</exception>
    public void Encrypt(CkksPlaintext plaintext, CkksCiphertext target)
    {
        ArgumentNullException.ThrowIfNull(plaintext);
        ArgumentNullException.ThrowIfNull(target);
        Misuse.CheckContext(_context, plaintext.Context, nameof(plaintext));
        Misuse.CheckContext(_context, target.Context, nameof(target));
        target.Shape(2, plaintext.Level, plaintext.Scale);
        if (_secretKey is null)
        {
            EncryptPublic(plaintext, target);
            return;
        }

        Span<byte> seed = stackalloc byte[SeededForm.SeedBytes];
        RandomNumberGenerator.Fill(seed);
        EncryptSymmetric(_secretKey, plaintext, seed, target);
    }

    /// <summary>Encrypts a plaintext under the secret key in the form that travels at half the size.</summary>
    /// <param name="plaintext">The message; not changed.</param>
    /// <returns>A ciphertext at the plaintext's level and scale.</returns>
    /// <exception cref="InvalidOperationException">This encrypts under a public key, which has no seeded form.</exception>
    /// <exception cref="ArgumentException">The plaintext is of another context.</exception>
    /// <exception cref="ObjectDisposedException">The key or the plaintext is disposed.</exception>
    public SeededCkksCiphertext EncryptSeeded(CkksPlaintext plaintext)
    {
        ArgumentNullException.ThrowIfNull(plaintext);
        Misuse.CheckContext(_context, plaintext.Context, nameof(plaintext));
        if (_secretKey is null)
            throw new InvalidOperationException("A public-key encryption has no seeded form: create the encryptor with the secret key, or send the whole ciphertext.");
        Span<byte> seed = stackalloc byte[SeededForm.SeedBytes];
        RandomNumberGenerator.Fill(seed);
        using var ciphertext = new CkksCiphertext(_context);
        ciphertext.Shape(2, plaintext.Level, plaintext.Scale);
        EncryptSymmetric(_secretKey, plaintext, seed, ciphertext);
        return SeededCkksCiphertext.Create(ciphertext, seed);
    }

    private unsafe void EncryptSymmetric(SecretKey key, CkksPlaintext plaintext, ReadOnlySpan<byte> seed, CkksCiphertext target)
    {
        var degree = _context.Degree;
        var second = target.Polynomial(1);
        SeededCkksCiphertext.ExpandMask(_context, seed, second);
        using var error = _context.Lattice.Rows.RentSecret();
        using (key.Use())
        {
            using (var stream = _context.Lattice.Streams.RentRandom())
                GaussianSampler.Fill(stream, error.Span);
            fixed (double* errors = error.Span, c0 = target.Polynomial(0), a = second, s = key.Evaluation, message = plaintext.Polynomial)
            {
                for (var i = 0; i <= target.Level; i++)
                {
                    var table = _context.Tables[i];
                    var row = (long)i * degree;
                    _context.Kernels.Forward(table, errors, c0 + row);
                    _context.Kernels.SubtractProduct(table.Modulus, table.Inverse, c0 + row, a + row, s + row, c0 + row, degree);
                    _context.Kernels.AddModular(table.Modulus, c0 + row, message + row, c0 + row, degree);
                }
            }
        }
    }

    private unsafe void EncryptPublic(CkksPlaintext plaintext, CkksCiphertext target)
    {
        var lattice = _context.Lattice;
        var degree = _context.Degree;
        var special = _context.SpecialPrime is null ? -1 : _context.SpecialIndex;
        using var ternary = lattice.Rows.RentSecret();
        using var error0 = lattice.Rows.RentSecret();
        using var error1 = lattice.Rows.RentSecret();
        using var mask = lattice.Rows.RentSecret();
        using var rounding0 = lattice.Rows.RentSecret();
        using var rounding1 = lattice.Rows.RentSecret();
        using (var stream = _context.Lattice.Streams.RentRandom())
        {
            TernarySampler.Fill(stream, ternary.Span);
            GaussianSampler.Fill(stream, error0.Span);
            GaussianSampler.Fill(stream, error1.Span);
        }

        fixed (double* u = ternary.Span, e0 = error0.Span, e1 = error1.Span, transformed = mask.Span)
        fixed (double* last0 = rounding0.Span, last1 = rounding1.Span)
        fixed (double* b = _publicKey!.B, a = _publicKey.A, c0 = target.Polynomial(0), c1 = target.Polynomial(1), message = plaintext.Polynomial)
        {
            if (special >= 0)
            {
                var row = (long)special * degree;
                lattice.Kernels.Forward(lattice.Tables[special], u, transformed);
                ZeroRow(special, b + row, transformed, e0, last0);
                ZeroRow(special, a + row, transformed, e1, last1);
                ModulusDown.Prepare(_context, special, last0);
                ModulusDown.Prepare(_context, special, last1);
            }

            for (var i = 0; i <= target.Level; i++)
            {
                var table = lattice.Tables[i];
                var row = (long)i * degree;
                lattice.Kernels.Forward(table, u, transformed);
                ZeroRow(i, b + row, transformed, e0, c0 + row);
                ZeroRow(i, a + row, transformed, e1, c1 + row);
                if (special >= 0)
                {
                    ModulusDown.Apply(_context, special, i, last0, c0 + row, c0 + row, transformed);
                    ModulusDown.Apply(_context, special, i, last1, c1 + row, c1 + row, transformed);
                }

                lattice.Kernels.AddModular(table.Modulus, c0 + row, message + row, c0 + row, degree);
            }
        }
    }

    /// <summary>key·u + e modulo one prime, canonical evaluation form.</summary>
    private unsafe void ZeroRow(int prime, double* key, double* ternary, double* error, double* result)
    {
        var table = _context.Tables[prime];
        _context.Kernels.Forward(table, error, result);
        _context.Kernels.MultiplyAddModular(table.Modulus, table.Inverse, result, key, ternary, result, _context.Degree);
    }
}
