namespace FedLab.Learning;

/// <summary>One column that a feature became, with what standardises it.</summary>
/// <param name="Feature">Position of the feature in the data dictionary.</param>
/// <param name="Kind">What it is of.</param>
/// <param name="Category">The category's position, or −1.</param>
/// <param name="State">Anything but <see cref="LogisticColumnState.Estimated"/> is no part of the matrix.</param>
/// <param name="Mean">Mean over the rows of all holders, a number's missing values not counted.</param>
/// <param name="Deviation">Standard deviation over all rows, with divisor n, missing values counted as the mean; 0 for a constant.</param>
/// <param name="Range">Bounds of a number.</param>
internal sealed record DesignColumn(
    int Feature, LogisticColumnKind Kind, int Category, LogisticColumnState State, double Mean, double Deviation, NumberRange Range = default)
{
    /// <summary>By how many standard deviations the column's values differ at most.</summary>
    public double StandardisedWidth => (Kind == LogisticColumnKind.Value ? 2 * Range.HalfWidth : 1) / Deviation;
}
