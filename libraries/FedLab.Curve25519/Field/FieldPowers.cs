namespace FedLab.Curve25519.Field;

/// <summary>Fixed powers and inversions; the exponents are public constants, so every chain is constant time.</summary>
internal static class FieldPowers<TField>
    where TField : unmanaged, IField<TField>
{
    /// <summary>value^(p − 2): the inverse, or zero for zero.</summary>
    public static void Invert(ref readonly TField value, out TField result)
    {
        // p − 2 = (2^250 − 1) · 2^5 + 11
        PowerOf250Ones(in value, out var ones, out var eleventh);
        SquareTimes(ref ones, 5);
        TField.Multiply(in ones, in eleventh, out result);
    }

    /// <summary>value^((p − 5) / 8), from which square roots are taken (RFC 8032 section 5.1.3).</summary>
    public static void PowerForSquareRoot(ref readonly TField value, out TField result)
    {
        // (p − 5) / 8 = 2^252 − 3 = (2^250 − 1) · 2^2 + 1
        var source = value;
        PowerOf250Ones(in source, out var ones, out _);
        SquareTimes(ref ones, 2);
        TField.Multiply(in ones, in source, out result);
    }

    /// <summary>value^((p − 1) / 2): 1 for a nonzero square, p − 1 for a non-square, 0 for 0.</summary>
    public static void LegendreSymbol(ref readonly TField value, out TField result)
    {
        // (p − 1) / 2 = 2^254 − 10 = (2^250 − 1) · 2^4 + 6
        var source = value;
        PowerOf250Ones(in source, out var ones, out _);
        SquareTimes(ref ones, 4);
        TField.Square(in source, out var second);
        TField.Square(in second, out var sixth);
        TField.Multiply(in sixth, in second, out sixth);
        TField.Multiply(in ones, in sixth, out result);
    }

    /// <summary>
    /// Replaces every element by its inverse with one inversion for all of them (Montgomery's trick, Mathematics of Computation 48, 1987, p. 260).
    /// A lane in which any element is zero comes out zero throughout; the caller looks for that.
    /// </summary>
    /// <param name="values">What to invert; holds the inverses afterwards.</param>
    /// <param name="products">Room for as many elements; holds intermediate products afterwards.</param>
    public static void InvertAll(Span<TField> values, Span<TField> products)
    {
        if (values.IsEmpty) return;
        products[0] = values[0];
        for (var i = 1; i < values.Length; i++) TField.Multiply(in products[i - 1], in values[i], out products[i]);
        Invert(in products[values.Length - 1], out var suffix);
        for (var i = values.Length - 1; i > 0; i--)
        {
            var value = values[i];
            TField.Multiply(in suffix, in products[i - 1], out values[i]);
            TField.Multiply(in suffix, in value, out suffix);
        }

        values[0] = suffix;
    }

    /// <summary>value^(2^250 − 1) and value^11 with the addition chain of Bernstein's Curve25519 paper (2006).</summary>
    private static void PowerOf250Ones(ref readonly TField value, out TField ones, out TField eleventh)
    {
        var source = value;
        TField.Square(in source, out var second);
        var eighth = second;
        SquareTimes(ref eighth, 2);
        TField.Multiply(in eighth, in source, out var ninth);
        TField.Multiply(in ninth, in second, out eleventh);
        TField.Square(in eleventh, out var ones5);
        TField.Multiply(in ones5, in ninth, out ones5);
        Concatenate(in ones5, in ones5, 5, out var ones10);
        Concatenate(in ones10, in ones10, 10, out var ones20);
        Concatenate(in ones20, in ones20, 20, out var ones40);
        Concatenate(in ones40, in ones10, 10, out var ones50);
        Concatenate(in ones50, in ones50, 50, out var ones100);
        Concatenate(in ones100, in ones100, 100, out var ones200);
        Concatenate(in ones200, in ones50, 50, out ones);
    }

    /// <summary>Appends the <paramref name="lowBits"/> ones of low's exponent to those of high's.</summary>
    private static void Concatenate(ref readonly TField high, ref readonly TField low, int lowBits, out TField result)
    {
        var shifted = high;
        SquareTimes(ref shifted, lowBits);
        TField.Multiply(in shifted, in low, out result);
    }

    private static void SquareTimes(ref TField value, int times)
    {
        for (var i = 0; i < times; i++) TField.Square(in value, out value);
    }
}
