namespace FedLab.Lattice.Evaluation;

/// <summary>Takes a product of two ciphertexts back to two polynomials: a key switch from s² to s. Immutable.</summary>
public sealed class RelinearisationKey
{
    internal RelinearisationKey(KeySwitchKey key) => Key = key;

    /// <summary>The parameters.</summary>
    public CkksContext Context => Key.Context;

    /// <summary>The switch from s² to s.</summary>
    public KeySwitchKey Key { get; }

    /// <summary>Makes the key of a secret.</summary>
    /// <param name="context">The parameters.</param>
    /// <param name="key">The secret key; not disposed.</param>
    /// <returns>A key with fresh masks and errors.</returns>
    /// <exception cref="ArgumentException">The key is of another ring, or the ring has no special prime.</exception>
    public static unsafe RelinearisationKey Generate(CkksContext context, SecretKey key)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.CheckKey(key);
        var lattice = context.Lattice;
        var square = lattice.Polynomials.Rent();
        try
        {
            using (key.Use())
            {
                fixed (double* s = key.Evaluation, target = square.Span)
                {
                    for (var i = 0; i < lattice.Tables.Length; i++)
                    {
                        var row = (long)i * lattice.Degree;
                        lattice.Kernels.MultiplyModular(lattice.Tables[i].Modulus, lattice.Tables[i].Inverse, s + row, s + row, target + row, lattice.Degree);
                    }
                }
            }

            return new RelinearisationKey(KeySwitchKey.Generate(context, key, square.Span));
        }
        finally
        {
            lattice.Polynomials.Return(square, wasSecret: true);
        }
    }
}
