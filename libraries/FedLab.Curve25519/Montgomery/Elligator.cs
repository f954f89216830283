using System.Runtime.CompilerServices;
using FedLab.Curve25519.Field;

namespace FedLab.Curve25519.Montgomery;

/// <summary>
/// Elligator 2 onto Curve25519, u-coordinate only: map_to_curve_elligator2_curve25519 of RFC 9380 sections 6.7.1 and G.2.1 (Z = 2, J = 486662).
/// </summary>
internal static class Elligator<TField>
    where TField : unmanaged, IField<TField>
{
    private const int MaximumLanes = 8;

    private static readonly FieldElement One = FieldElement.One;
    private static readonly FieldElement J = FieldElement.FromSmall(486662);
    private static readonly FieldElement MinusJ = -FieldElement.FromSmall(486662);

    /// <summary>
    /// The image of r as a fraction. With w = 1 + 2r² and x₁ = −J / w the image is x₁ if g(x₁) = x₁³ + J·x₁² + x₁ is a square
    /// and 2r²·x₁ otherwise; g(x₁) is a square exactly when n·(n² + J·n·w + w²)·w is, for n = −J. w is never zero, since −1/2 is not a square.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Map(ref readonly TField r, out TField numerator, out TField denominator)
    {
        TField.Broadcast(in One, out var one);
        TField.Broadcast(in J, out var j);
        TField.Broadcast(in MinusJ, out var n);

        TField.Square(in r, out var squared);
        TField.MultiplySmall(in squared, 2, out var doubled);
        TField.Add(in one, in doubled, out var sum);
        TField.Multiply(in sum, in one, out denominator);

        // n² + w·(J·n + w), each sum of two reduced elements
        TField.Multiply(in j, in n, out var t);
        TField.Add(in t, in denominator, out t);
        TField.Multiply(in t, in denominator, out t);
        TField.Square(in n, out var nn);
        TField.Add(in t, in nn, out t);
        TField.Multiply(in t, in n, out t);
        TField.Multiply(in t, in denominator, out t);
        FieldPowers<TField>.LegendreSymbol(in t, out var symbol);

        Span<ulong> isSquare = stackalloc ulong[MaximumLanes];
        for (var lane = 0; lane < TField.LaneCount; lane++)
            isSquare[lane] = FieldElement.EqualsMask(TField.GetLane(in symbol, lane), One);
        TField.Multiply(in n, in doubled, out var other);
        TField.Select(isSquare, in n, in other, out numerator);
    }
}
