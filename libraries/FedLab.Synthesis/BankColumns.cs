using static FedLab.Synthesis.Values;

namespace FedLab.Synthesis;

/// <summary>Account behaviour that a bank sees. Both banks measure the same; their noise differs.</summary>
internal static class BankColumns
{
    /// <summary>Planted drift of the enquiry count by quarter.</summary>
    private static readonly double[] EnquiryDrift = [0, 0, 0, 0, 0, .05, .45, .70];

    public static readonly IReadOnlyList<SyntheticColumn> All =
    [
        new("avg_bal_90d", "近90日日均余额", "Average daily balance, last 90 days", "元", 0, AverageBalance),
        new("inflow_12m", "近12月入账金额", "Money received, last 12 months", "元", 0, Inflow),
        new("inflow_cv_12m", "月入账变异系数", "Variation of monthly money received, last 12 months", "1", 3, InflowVariation),
        new("util_pct", "授信使用率", "Share of the credit line in use", "%", 1,
            e => OneDecimal(100 * NormalDistribution.Cumulative(0.15 + 0.9 * e.BankScore(Scores.Utilisation)))),
        new("enq_3m", "近3月查询次数", "Credit enquiries, last 3 months", "次", 0,
            e => Math.Min(30, Floor(Math.Exp(0.15 + 0.75 * e.BankScore(Scores.Enquiries) + EnquiryDrift[e.Quarter])))),
        new("dpd_max_12m", "近12月最大逾期天数", "Most days past due, last 12 months", "天", 0, DaysPastDue),
        new("n_products", "持有产品数", "Products held", "个", 0,
            e => Math.Clamp(Floor(2.2 + 1.1 * e.BankScore(Scores.Products)), 1, 8)),
        new("acct_age_m", "开户月数", "Months since the account was opened", "月", 0, AccountAge),
        new("out_in_ratio_30d", "近30日出入比", "Money out over money in, last 30 days", "1", 3,
            e => ThreeDecimals(Math.Exp(-0.02 + 0.18 * e.BankScore(Scores.OutflowRatio)))),
        new("payroll_flag", "是否代发工资", "Payroll runs through the account", "0/1", 0, e => Flag(e.BankScore(Scores.Payroll) > 0.3)),
        new("loan_amount", "贷款金额", "Loan amount", "元", 0,
            e => Whole(Math.Clamp(1000 * Math.Round(Math.Exp(13.2 + 0.8 * e.BankScore(Scores.LoanAmount)) / 1000), 5e4, 1e7))),
        new("rate_pct", "贷款利率", "Loan interest rate", "%", 2,
            e => TwoDecimals(Math.Clamp(4.35 + 0.55 * e.BankScore(Scores.LoanRate), 3, 7.2))),
    ];

    /// <summary>
    /// The same measurements under bank-b's own names, money in 万元: what a catalogue mapping has to translate.
    /// </summary>
    public static readonly IReadOnlyList<SyntheticColumn> BankBOwn =
    [
        InTenThousands("DAY_AVG_BAL_WAN", All[0]),
        InTenThousands("IN_AMT_WAN", All[1]),
        Renamed("IN_AMT_CV", All[2]),
        Renamed("CR_USE_PCT", All[3]),
        Renamed("ENQ_CNT_3M", All[4]),
        Renamed("OVD_MAX", All[5]),
        Renamed("PROD_CNT", All[6]),
        Renamed("ACCT_AGE_MON", All[7]),
        Renamed("OUT_IN_RATIO", All[8]),
        Renamed("PAYROLL_IND", All[9]),
        InTenThousands("LOAN_AMT_WAN", All[10]),
        Renamed("LOAN_RATE_PCT", All[11]),
    ];

    /// <summary>Planted leakage: known only after the default.</summary>
    public static readonly SyntheticColumn CollectionFlag = new("collection_flag", "是否进入催收", "Sent to collection", "0/1", 0,
        e => Flag(e.Uniform(601) < (GroundTruth.Defaults(e) ? .9 : .01)));

    public static readonly SyntheticColumn Label = new("default", "是否违约", "Default: 90 days past due within 12 months", "0/1", 0,
        e => Flag(GroundTruth.Defaults(e)));

    private static long AverageBalance(Enterprise e) => Whole(Math.Exp(11.0 + 1.3 * e.BankScore(Scores.AverageBalance)));

    private static long Inflow(Enterprise e) => Whole(Math.Exp(14.8 + 1.1 * e.BankScore(Scores.Inflow)));

    private static long InflowVariation(Enterprise e)
    {
        var lost = e.Uniform(e.BankStreamOffset == 0 ? 407 : 409) < .01;
        return lost || AccountAge(e) < 12
            ? SyntheticColumn.Missing
            : ThreeDecimals(Math.Clamp(Math.Exp(-0.75 + 0.45 * e.BankScore(Scores.InflowVariation)), .05, 3));
    }

    private static long DaysPastDue(Enterprise e) => e.BankScore(Scores.DaysPastDue) switch
    {
        < 1.05 => 0,
        < 1.45 and var g => 1 + Floor(17 * (g - 1.05)),
        < 1.90 and var g => 8 + Floor(48 * (g - 1.45)),
        var g => Math.Min(59, 30 + Floor(40 * (g - 1.9))),
    };

    private static long AccountAge(Enterprise e) => Whole(Math.Clamp(Math.Round(Math.Exp(3.6 + 0.7 * e.BankScore(Scores.AccountAge))), 3, 240));

    private static SyntheticColumn Renamed(string name, SyntheticColumn column) =>
        new(name, column.ChineseName, column.EnglishName, column.Unit, column.Decimals, column.ScaledValue);

    // The value in 元 has no decimals, so the same integer with four decimals is the value in 万元, exactly.
    private static SyntheticColumn InTenThousands(string name, SyntheticColumn column) =>
        new(name, column.ChineseName, column.EnglishName, "万元", 4, column.ScaledValue);
}
