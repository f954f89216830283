using System.Runtime.CompilerServices;
using FedLab.Curve25519.Field;

namespace FedLab.Curve25519.Montgomery;

/// <summary>Scalar multiplication on Curve25519 and its twist by x-coordinates alone: the ladder of RFC 7748 section 5.</summary>
internal static class MontgomeryLadder<TField>
    where TField : unmanaged, IField<TField>
{
    private const int ScalarBits = 256;

    /// <summary>(486662 − 2) / 4, a24 of RFC 7748.</summary>
    private const uint A24 = 121665;

    /// <summary>
    /// Multiplies the point in each lane by one scalar. The result is x / z; z is zero for the neutral element.
    /// The sequence of operations and addresses is the same for every scalar and every point.
    /// </summary>
    /// <param name="scalar">32 bytes little-endian, used as they are: no clamping.</param>
    /// <param name="point">The u-coordinates, reduced.</param>
    /// <param name="x">Numerator.</param>
    /// <param name="z">Denominator.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(ReadOnlySpan<byte> scalar, ref readonly TField point, out TField x, out TField z)
    {
        var one = FieldElement.One;
        var zero = FieldElement.Zero;
        TField.Broadcast(in one, out x);
        TField.Broadcast(in zero, out z);
        TField.Broadcast(in one, out var z3);
        var x1 = point;
        var x3 = point;
        ulong swap = 0;
        for (var bit = ScalarBits - 1; bit >= 0; bit--)
        {
            var current = (ulong)(scalar[bit >> 3] >> (bit & 7)) & 1;
            var mask = 0 - (swap ^ current);
            swap = current;
            TField.ConditionalSwap(mask, ref x, ref x3);
            TField.ConditionalSwap(mask, ref z, ref z3);

            TField.Add(in x, in z, out var a);
            TField.Subtract(in x, in z, out var b);
            TField.Add(in x3, in z3, out var c);
            TField.Subtract(in x3, in z3, out var d);
            TField.Multiply(in d, in a, out var da);
            TField.Multiply(in c, in b, out var cb);
            TField.Square(in a, out var aa);
            TField.Square(in b, out var bb);
            TField.Add(in da, in cb, out a);
            TField.Subtract(in da, in cb, out b);
            TField.Square(in a, out x3);
            TField.Square(in b, out z3);
            TField.Multiply(in x1, in z3, out z3);
            TField.Multiply(in aa, in bb, out x);
            TField.Subtract(in aa, in bb, out var e);
            TField.MultiplySmall(in e, A24, out var scaled);
            TField.Add(in aa, in scaled, out a);
            TField.Multiply(in e, in a, out z);
        }

        var last = 0 - swap;
        TField.ConditionalSwap(last, ref x, ref x3);
        TField.ConditionalSwap(last, ref z, ref z3);
    }
}
