using System.Buffers;

namespace FedLab.Lattice.Ring;

/// <summary>The switch from Q to a power of two: each coefficient x becomes round(x·2^bits/Q) modulo 2^bits, from its residues.</summary>
internal static class PowerOfTwoModulus
{
    /// <summary>Switches <paramref name="width"/> coefficients, a multiple of eight, whose residues (within ±2p) stand in a row for each prime of the context.</summary>
    public static unsafe void Switch(LatticeContext context, ReadOnlySpan<double> residues, int width, int bits, Span<double> target)
    {
        var fraction = ArrayPool<double>.Shared.Rent(width);
        Array.Clear(fraction, 0, width);
        target[..width].Clear();
        var power = Math.ScaleB(1, bits);
        fixed (double* rows = residues, rest = fraction, whole = target)
        {
            for (var i = 0; i < context.Tables.Length; i++)
            {
                var table = context.Tables[i];
                context.Kernels.AddScaledToPowerOfTwo(table.Modulus, table.Inverse, rows + ((long)i * width), context.CofactorInverses[i], power, whole, rest, width);
            }

            context.Kernels.RoundToPowerOfTwo(power, whole, rest, width);
        }

        ArrayPool<double>.Shared.Return(fraction);
    }
}
