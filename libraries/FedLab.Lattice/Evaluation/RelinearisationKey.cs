using System.Buffers;

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

    /// <summary>Reads a key.</summary>
    /// <param name="source">Exactly <see cref="KeySwitchKey.SerializedSize"/> bytes.</param>
    /// <param name="context">The parameters that both sides agreed on.</param>
    /// <returns>The key.</returns>
    /// <exception cref="LatticeFormatException">The length is wrong or a residue is not below its prime.</exception>
    public static RelinearisationKey Read(ReadOnlySequence<byte> source, CkksContext context) => new(KeySwitchKey.Read(source, context));

    /// <summary>Writes the key.</summary>
    /// <param name="writer">Takes <see cref="KeySwitchKey.SerializedSize"/> bytes.</param>
    /// <exception cref="InvalidOperationException">The key came in another format, without a seed.</exception>
    public void Write(IBufferWriter<byte> writer) => Key.Write(writer);
}
