namespace FedLab.Synthesis;

/// <summary>
/// Whom a bank lends to: an enterprise goes to a bank with probability e^u / Σ e^u, where u adds the bank's liking for its industry,
/// its region, its size and its growth.
/// </summary>
/// <param name="Share">Of the rows that the small bank leaves, this bank's part; 0 for the small bank, whose size is fixed.</param>
/// <param name="Reach">Liking for everybody.</param>
/// <param name="Industries">Liking for the industries C F E G I L H A.</param>
/// <param name="Regions">Liking for the regions 440300 330200 310115 371000 320500.</param>
/// <param name="Scale">Liking for each unit of scale.</param>
/// <param name="Vitality">Liking for each unit of vitality.</param>
internal sealed record Portfolio(double Share, double Reach, double[] Industries, double[] Regions, double Scale, double Vitality)
{
    public double Weight(Enterprise e) =>
        Math.Exp(Reach + Industries[e.Industry] + Regions[e.RegionIndex] + Scale * e.Scale + Vitality * e.Vitality);
}
