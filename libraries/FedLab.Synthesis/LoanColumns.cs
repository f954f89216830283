using System.Text;

namespace FedLab.Synthesis;

/// <summary>
/// What every bank of <see cref="SyntheticBanks"/> keeps on a loan to an enterprise: the borrower's industry and city, the behaviour of
/// its account, and the certificates that it handed in.
/// </summary>
internal static class LoanColumns
{
    private const int IndustryStream = 13;
    private const int IndustryMissingStream = 410;

    /// <summary>Divisions of GB/T 4754 within the sections C F E G I L H A, each with its effect on η.</summary>
    private static readonly LoanIndustry[][] Industries =
    [
        [new("C14", -.23), new("C18", .43), new("C29", .08), new("C34", -.35), new("C39", -.08)],
        [new("F51", .16), new("F52", .35)],
        [new("E47", .12), new("E48", -.04), new("E49", .55), new("E50", .74)],
        [new("G54", .47), new("G58", -.16), new("G59", .04)],
        [new("I64", -.08), new("I65", -.51)],
        [new("L71", .20), new("L72", -.31)],
        [new("H61", .23), new("H62", .66)],
        [new("A01", -.12), new("A03", .31), new("A04", .59)],
    ];

    private static readonly string[] Cities = ["Shenzhen", "Ningbo", "Shanghai", "Weihai", "Suzhou"];
    private static readonly byte[][] CityTexts = Array.ConvertAll(Cities, Encoding.ASCII.GetBytes);

    public static readonly IReadOnlyList<SyntheticColumn> All =
    [
        new("industry", "行业大类", "Industry, division of GB/T 4754", e => e.Uniform(IndustryMissingStream) < .02 ? [] : IndustryOf(e).Text, [.. Industries.SelectMany(section => section.Select(industry => industry.Code))]),
        new("city", "所在城市", "City", e => CityTexts[e.RegionIndex], Cities),
        .. Of(BankColumns.All, "avg_bal_90d", "inflow_12m", "inflow_cv_12m", "util_pct", "enq_3m", "dpd_max_12m", "acct_age_m", "out_in_ratio_30d", "loan_amount", "rate_pct"),
        .. Of(PublicCreditColumns.All, "est_months", "abnormal_flag", "ss_headcount", "ss_headcount_yoy", "ss_arrears_m", "tax_grade", "vat_sales_12m_wan", "vat_growth_yoy", "kwh_yoy", "jud_def_24m", "jud_exec_24m", "pen_24m"),
    ];

    public static LoanIndustry IndustryOf(Enterprise e)
    {
        var section = Industries[e.Industry];
        return section[(int)(e.Uniform(IndustryStream) * section.Length)];
    }

    private static IEnumerable<SyntheticColumn> Of(IReadOnlyList<SyntheticColumn> columns, params string[] names) =>
        names.Select(name => columns.Single(column => column.Name == name));
}

/// <summary>A division of GB/T 4754 and what it adds to η.</summary>
internal sealed class LoanIndustry(string code, double effect)
{
    public string Code { get; } = code;

    public byte[] Text { get; } = Encoding.ASCII.GetBytes(code);

    public double Effect { get; } = effect;
}
