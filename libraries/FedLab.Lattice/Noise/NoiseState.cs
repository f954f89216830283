namespace FedLab.Lattice.Noise;

/// <summary>What a plan knows of the noise polynomial e of a ciphertext, in units of its integers.</summary>
/// <remarks>
/// e is the sum of a subgaussian part, whose linear forms ⟨e, w⟩ have parameters that depend on the direction w, and of a part that is bounded at every root of
/// X^N + 1. Multiplication by a polynomial p multiplies the value at each root by p's, a linear map of operator norm max |p(ζ)|.
/// </remarks>
/// <param name="Deviation">Root of the mean square of the coefficients: by Parseval 1/√N of that of the values at the roots.</param>
/// <param name="Coefficient">Parameter of every coefficient.</param>
/// <param name="Slot">Parameter of the value at every root, divided by √N.</param>
/// <param name="Operator">Parameter of every linear form, for |w| = 1.</param>
/// <param name="Bounded">Bound on the other part at every root, and so on its coefficients.</param>
internal readonly record struct NoiseState(double Deviation, double Coefficient, double Slot, double Operator, double Bounded)
{
    /// <summary>A polynomial of independent coefficients.</summary>
    public static NoiseState White(double deviation) => new(deviation, deviation, deviation, deviation, 0);

    /// <summary>The sum with a noise that may depend on this one: only the typical figure takes them as independent.</summary>
    public NoiseState Plus(NoiseState other) =>
        new(Root(Deviation, other.Deviation), Coefficient + other.Coefficient, Slot + other.Slot, Operator + other.Operator, Bounded + other.Bounded);

    /// <summary>The sum with a fresh noise.</summary>
    public NoiseState PlusFresh(NoiseState fresh) =>
        new(Root(Deviation, fresh.Deviation), Root(Coefficient, fresh.Coefficient), Root(Slot, fresh.Slot), Root(Operator, fresh.Operator), Bounded + fresh.Bounded);

    /// <summary>The product with a number.</summary>
    public NoiseState Times(double factor)
    {
        var size = Math.Abs(factor);
        return new NoiseState(Deviation * size, Coefficient * size, Slot * size, Operator * size, Bounded * size);
    }

    /// <summary>The product with a polynomial of given root mean square and maximum over the roots: its Euclidean norm is the former, at most the latter.</summary>
    public NoiseState TimesPolynomial(double typical, double maximum) =>
        new(Deviation * typical, Operator * maximum, Slot * maximum, Operator * maximum, Bounded * maximum);

    private static double Root(double left, double right) => Math.Sqrt((left * left) + (right * right));
}
