namespace FedLab.Synthesis;

/// <summary>
/// The score behind a column: g = Σ λ_k F_k + √(1 − Σ λ_k²)·n(stream), standard normal, where F1 is cash capacity, F2 scale,
/// F3 vitality, F4 compliance and F5 leverage. Correlations between columns follow from the λ.
/// </summary>
internal sealed class FactorLoading(int stream, double cash, double scale, double vitality, double compliance, double leverage)
{
    public int Stream { get; } = stream;

    public double Cash { get; } = cash;

    public double Scale { get; } = scale;

    public double Vitality { get; } = vitality;

    public double Compliance { get; } = compliance;

    public double Leverage { get; } = leverage;

    /// <summary>Weight of the column's own noise.</summary>
    public double Own { get; } =
        Math.Sqrt(1 - (cash * cash + scale * scale + vitality * vitality + compliance * compliance + leverage * leverage));
}
