namespace FedLab.Synthesis;

/// <summary>
/// The true probability of default: η is linear in scores, kinks and two interactions; p = 1/(1+e^−η). It is the ceiling that no
/// model can pass.
/// </summary>
internal static class GroundTruth
{
    private const double Intercept = -3.95;

    private static readonly double[] QuarterEffect = [0, .02, .04, .05, .08, .10, .22, .30];

    /// <summary>η of the enterprise at the bank whose row is being made (<see cref="Enterprise.BankStreamOffset"/>).</summary>
    public static double Margin(Enterprise e)
    {
        var utilisation = e.BankScore(Scores.Utilisation);
        var enquiries = e.BankScore(Scores.Enquiries);
        var vatGrowth = e.Score(Scores.VatGrowth);
        var lawsuits = e.Score(Scores.Lawsuits);
        var bank = .12 * utilisation + .09 * e.BankScore(Scores.OutflowRatio) - .09 * e.BankScore(Scores.AverageBalance)
            + .24 * Positive(e.BankScore(Scores.DaysPastDue) - 1.05) + .06 * e.BankScore(Scores.InflowVariation)
            + .06 * enquiries - .04 * e.BankScore(Scores.AccountAge);
        var publicCredit = -.17 * e.Score(Scores.Established) + .57 * Positive(e.Score(Scores.SocialSecurityArrears) - 1.0)
            - .24 * e.Score(Scores.HeadcountGrowth) - .29 * vatGrowth - .28 * e.Score(Scores.TaxGrade)
            + (e.Score(Scores.TaxArrears) > 1.55 ? .50 : 0) + .33 * Positive(e.Score(Scores.ElectricityArrears) - .6)
            + .15 * Positive(-e.Score(Scores.ElectricityGrowth)) + .53 * Positive(e.Score(Scores.Enforcements) - .9)
            + .13 * lawsuits + .12 * e.Score(Scores.Penalties) + (e.Score(Scores.AbnormalOperation) > 1.75 ? .42 : 0)
            + .12 * e.Score(Scores.ZeroDeclarations);
        var supplyChain = e.InSupplyChain
            ? .58 * e.Score(Scores.ReceivableOverdue) - .42 * e.Score(Scores.OnTimeDelivery) - .45 * e.Score(Scores.OrderTrend)
                + .26 * e.Score(Scores.TopBuyerShare) + .26 * e.Score(Scores.ReceivableDays) - .40
            : 0;
        var interactions = (utilisation > .8 && vatGrowth < -.5 ? .35 : 0) + (enquiries > 1 && lawsuits > .8 ? .30 : 0);
        var bothBanks = e.InBankA && e.InBankB ? .30 : 0;
        var unseen = .35 * e.Normal(e.BankStreamOffset == 0 ? 30 : 33);
        return Intercept + QuarterEffect[e.Quarter] + e.RiskOfIndustry + bank + publicCredit + supplyChain + interactions
            + bothBanks + unseen;
    }

    /// <summary>Whether the enterprise defaults on its loan at that bank within twelve months.</summary>
    public static bool Defaults(Enterprise e) =>
        e.Uniform(e.BankStreamOffset == 0 ? 31 : 32) < 1 / (1 + Math.Exp(-Margin(e)));

    private static double Positive(double x) => Math.Max(0, x);
}
