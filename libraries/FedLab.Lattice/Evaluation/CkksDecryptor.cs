namespace FedLab.Lattice.Evaluation;

/// <summary>Decrypts with the secret key: c0 + c1·s (+ c2·s²), the same instructions for every key. Thread-safe.</summary>
/// <remarks>
/// What comes out is the message plus noise, and the noise tells about the key: round to the message's precision before anyone else sees
/// it (Li and Micciancio, eprint 2020/1533).
/// </remarks>
public sealed class CkksDecryptor
{
    private readonly CkksContext _context;
    private readonly SecretKey _key;

    /// <summary>Takes the key; the caller disposes it.</summary>
    /// <param name="context">The parameters.</param>
    /// <param name="key">A key of the context's ring.</param>
    /// <exception cref="ArgumentException">The key is of another ring.</exception>
    public CkksDecryptor(CkksContext context, SecretKey key)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.CheckKey(key);
        _context = context;
        _key = key;
    }

    /// <summary>Decrypts a ciphertext of two or three polynomials.</summary>
    /// <param name="ciphertext">The ciphertext; not changed.</param>
    /// <param name="target">Takes the message, at the ciphertext's level and scale.</param>
    /// <exception cref="ArgumentException">One of them is of another context.</exception>
    /// <exception cref="ObjectDisposedException">The key or a buffer is disposed.</exception>
    public unsafe void Decrypt(CkksCiphertext ciphertext, CkksPlaintext target)
    {
        ArgumentNullException.ThrowIfNull(ciphertext);
        ArgumentNullException.ThrowIfNull(target);
        Misuse.CheckContext(_context, ciphertext.Context, nameof(ciphertext));
        Misuse.CheckContext(_context, target.Context, nameof(target));
        target.Shape(ciphertext.Level, ciphertext.Scale);
        var degree = _context.Degree;
        var last = ciphertext.Size - 1;
        using (_key.Use())
        {
            fixed (double* c0 = ciphertext.Polynomial(0), c1 = ciphertext.Polynomial(1), top = ciphertext.Polynomial(last), s = _key.Evaluation, result = target.Polynomial)
            {
                for (var i = 0; i <= ciphertext.Level; i++)
                {
                    var table = _context.Tables[i];
                    var row = (long)i * degree;
                    var factor = c1;
                    if (last == 2)
                    {
                        _context.Kernels.MultiplyAddModular(table.Modulus, table.Inverse, c1 + row, top + row, s + row, result + row, degree);
                        factor = result;
                    }

                    _context.Kernels.MultiplyAddModular(table.Modulus, table.Inverse, c0 + row, factor + row, s + row, result + row, degree);
                }
            }
        }
    }
}
