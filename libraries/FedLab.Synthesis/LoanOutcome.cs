namespace FedLab.Synthesis;

/// <summary>
/// The true probability of default on a loan of <see cref="SyntheticBanks"/>, the same law at every bank: p = 1/(1+e^−η). η is spread
/// over the columns' own parts and over many industries, so that no handful of columns stands for the rest and a few hundred rows
/// teach little of it: what makes banks want a joint model.
/// </summary>
internal static class LoanOutcome
{
    private const double Intercept = -3.30;
    private const int UnseenStream = 34;
    private const int OutcomeStream = 35;

    public static double Margin(Enterprise e)
    {
        var utilisation = Own(e, Scores.Utilisation);
        var outflow = Own(e, Scores.OutflowRatio);
        var growth = Own(e, Scores.VatGrowth);
        var taxGrade = Own(e, Scores.TaxGrade);
        var behaviour = .56 * utilisation + .54 * outflow - .47 * Own(e, Scores.AverageBalance) + .47 * Own(e, Scores.InflowVariation)
            + .38 * Own(e, Scores.Enquiries) - .36 * Own(e, Scores.AccountAge) + .40 * Own(e, Scores.LoanRate)
            + .78 * Positive(e.BankScore(Scores.DaysPastDue) - 1.05);
        var certificates = -.45 * Own(e, Scores.Established) - .28 * Own(e, Scores.SocialSecurityHeadcount) - .52 * Own(e, Scores.HeadcountGrowth)
            - .54 * growth - .50 * taxGrade - .38 * Own(e, Scores.ElectricityGrowth) + .28 * Own(e, Scores.Lawsuits) + .28 * Own(e, Scores.Penalties)
            + .78 * Positive(e.Score(Scores.SocialSecurityArrears) - 1.0) + .78 * Positive(e.Score(Scores.Enforcements) - .9)
            + (e.Score(Scores.AbnormalOperation) > 1.75 ? .90 : 0);
        var interactions = (utilisation > .7 && growth < -.4 ? .67 : 0) + (outflow > .8 && taxGrade < -.4 ? .67 : 0);
        return Intercept + LoanColumns.IndustryOf(e).Effect + behaviour + certificates + interactions + .30 * e.Normal(UnseenStream);
    }

    /// <summary>Whether the borrower defaults within twelve months.</summary>
    public static bool Defaults(Enterprise e) => e.Uniform(OutcomeStream) < 1 / (1 + Math.Exp(-Margin(e)));

    /// <summary>The part of a column's score that no other column shares.</summary>
    private static double Own(Enterprise e, FactorLoading loading) => e.Normal(loading.Stream);

    private static double Positive(double x) => Math.Max(0, x);
}
