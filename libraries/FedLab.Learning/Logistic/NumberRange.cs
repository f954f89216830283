namespace FedLab.Learning;

/// <summary>Public bounds on a numeric feature's values, after its caps.</summary>
/// <param name="Low">No value is smaller.</param>
/// <param name="High">No value is larger; equal to <paramref name="Low"/> for a constant.</param>
/// <param name="IsCapped">Whether the bounds are caps; otherwise they enclose the values loosely.</param>
internal readonly record struct NumberRange(double Low, double High, bool IsCapped)
{
    public bool IsConstant => Low >= High;

    /// <summary>Halved before they are subtracted, lest the difference overflow.</summary>
    public double HalfWidth => (High / 2) - (Low / 2);

    public double Middle => (High / 2) + (Low / 2);
}
