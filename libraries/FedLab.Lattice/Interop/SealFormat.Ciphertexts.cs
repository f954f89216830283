using System.Buffers;
using FedLab.Lattice.Evaluation;

namespace FedLab.Lattice.Interop;

public static partial class SealFormat
{
    /// <summary>Writes a plaintext as SEAL's CKKS Plaintext.</summary>
    /// <param name="plaintext">What to write.</param>
    /// <param name="writer">Takes the bytes.</param>
    public static void Write(CkksPlaintext plaintext, IBufferWriter<byte> writer)
    {
        ArgumentNullException.ThrowIfNull(plaintext);
        ArgumentNullException.ThrowIfNull(writer);
        var output = new SealWriter(writer);
        var context = plaintext.Context.Lattice;
        SealPolynomials.OpenPlaintext(output, context, plaintext.Level + 1, plaintext.Scale);
        SealPolynomials.WriteRows(output, context, plaintext.Polynomial);
    }

    /// <summary>Reads SEAL's CKKS Plaintext.</summary>
    /// <param name="source">Exactly the object.</param>
    /// <param name="context">The parameters that it was made with.</param>
    /// <returns>The plaintext, at its level and scale; the caller disposes it.</returns>
    /// <exception cref="LatticeFormatException">The bytes are not such an object of these parameters.</exception>
    public static CkksPlaintext ReadPlaintext(ReadOnlySequence<byte> source, CkksContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var input = new SealReader(source, nameof(CkksPlaintext), SealSizes.Plaintext((long)context.DataPrimes * context.Degree));
        CkksPlaintext? plaintext = null;
        try
        {
            var (primes, scale) = SealPolynomials.OpenPlaintext(ref input, context.Lattice, context.DataPrimes, isKey: false);
            plaintext = new CkksPlaintext(context);
            plaintext.Shape(primes - 1, scale);
            SealPolynomials.ReadRows(ref input, context.Lattice, plaintext.Polynomial);
            input.End();
            return plaintext;
        }
        catch (LatticeFormatException)
        {
            plaintext?.Dispose();
            throw;
        }
        finally
        {
            input.Dispose();
        }
    }

    /// <summary>Writes a ciphertext as SEAL's CKKS Ciphertext.</summary>
    /// <param name="ciphertext">What to write, of two or three polynomials.</param>
    /// <param name="writer">Takes the bytes.</param>
    public static void Write(CkksCiphertext ciphertext, IBufferWriter<byte> writer)
    {
        ArgumentNullException.ThrowIfNull(ciphertext);
        ArgumentNullException.ThrowIfNull(writer);
        var output = new SealWriter(writer);
        var context = ciphertext.Context.Lattice;
        SealPolynomials.OpenCiphertext(output, context, ciphertext.Level + 1, ciphertext.Size, ciphertext.Scale, isSeeded: false);
        for (var i = 0; i < ciphertext.Size; i++)
            SealPolynomials.WriteRows(output, context, ciphertext.Polynomial(i));
    }

    /// <summary>Encrypts under the secret key and writes SEAL's seeded Ciphertext, half as long: c0 and 64 bytes from which SEAL's generator makes c1.</summary>
    /// <remarks>A ciphertext that exists cannot be written so, for its c1 comes from elsewhere.</remarks>
    /// <param name="plaintext">What to encrypt, at its level and scale.</param>
    /// <param name="key">The secret key; not disposed.</param>
    /// <param name="writer">Takes the bytes.</param>
    /// <exception cref="ArgumentException">The key is of another ring.</exception>
    public static void WriteSeeded(CkksPlaintext plaintext, SecretKey key, IBufferWriter<byte> writer)
    {
        ArgumentNullException.ThrowIfNull(plaintext);
        ArgumentNullException.ThrowIfNull(writer);
        var context = plaintext.Context;
        using var ciphertext = new CkksCiphertext(context);
        new CkksEncryptor(context, key).Encrypt(plaintext, ciphertext);
        var seed = SealSeed.Create();
        SealMask.Replace(key, seed, ciphertext.Polynomial(0), ciphertext.Polynomial(1));
        var output = new SealWriter(writer);
        SealPolynomials.OpenCiphertext(output, context.Lattice, ciphertext.Level + 1, SealPolynomials.PairSize, ciphertext.Scale, isSeeded: true);
        SealPolynomials.WriteRows(output, context.Lattice, ciphertext.Polynomial(0));
        SealPolynomials.WriteSeed(output, seed);
    }

    /// <summary>Reads SEAL's CKKS Ciphertext, seeded or whole.</summary>
    /// <param name="source">Exactly the object.</param>
    /// <param name="context">The parameters that it was made with.</param>
    /// <returns>The ciphertext of two or three polynomials, at its level and scale; the caller disposes it.</returns>
    /// <exception cref="LatticeFormatException">The bytes are not such an object of these parameters.</exception>
    public static CkksCiphertext ReadCiphertext(ReadOnlySequence<byte> source, CkksContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var lattice = context.Lattice;
        var largest = SealSizes.Ciphertext((long)CkksCiphertext.MaximumSize * context.DataPrimes * context.Degree);
        var input = new SealReader(source, nameof(CkksCiphertext), largest);
        CkksCiphertext? ciphertext = null;
        try
        {
            var (primes, size, scale, isSeeded) = SealPolynomials.OpenCiphertext(ref input, lattice, context.DataPrimes, isKey: false);
            ciphertext = new CkksCiphertext(context, size);
            ciphertext.Shape(size, primes - 1, scale);
            SealPolynomials.ReadRows(ref input, lattice, ciphertext.Polynomial(0));
            SealPolynomials.ReadSecond(ref input, lattice, isSeeded, ciphertext.Polynomial(1));
            if (size > SealPolynomials.PairSize)
                SealPolynomials.ReadRows(ref input, lattice, ciphertext.Polynomial(2));
            input.End();
            return ciphertext;
        }
        catch (LatticeFormatException)
        {
            ciphertext?.Dispose();
            throw;
        }
        finally
        {
            input.Dispose();
        }
    }
}
