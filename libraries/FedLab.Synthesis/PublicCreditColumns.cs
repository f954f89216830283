using static FedLab.Synthesis.Values;

namespace FedLab.Synthesis;

/// <summary>
/// What a public credit platform collects: registration, social security, housing fund, tax, electricity, courts, penalties,
/// intellectual property (工商/社保/公积金/税务/电力/司法/处罚/知识产权).
/// </summary>
internal static class PublicCreditColumns
{
    private const int InformationTechnology = 4;
    private const int LeasingAndServices = 5;

    public static readonly IReadOnlyList<SyntheticColumn> All =
    [
        new("est_months", "成立月数", "Months since establishment", "月", 0, EstablishedMonths),
        new("reg_cap_wan", "注册资本", "Registered capital", "万元", 0,
            e => e.Uniform(406) < .02 ? SyntheticColumn.Missing : Whole(Math.Exp(5.0 + 1.2 * e.Score(Scores.RegisteredCapital)))),
        new("legal_rep_chg_24m", "近24月法定代表人变更次数", "Changes of legal representative, last 24 months", "次", 0,
            e => Floor(Math.Exp(-0.9 + 0.8 * e.Score(Scores.RepresentativeChanges)))),
        new("abnormal_flag", "列入经营异常名录", "On the list of abnormal operations", "0/1", 0, e => Flag(e.Score(Scores.AbnormalOperation) > 1.75)),
        new("equity_pledge_flag", "股权出质", "Equity pledged", "0/1", 0, e => Flag(e.Score(Scores.EquityPledge) > 1.5)),
        new("ss_headcount", "社保参保人数", "Staff insured with social security", "人", 0,
            e => SocialSecurityMissing(e) ? SyntheticColumn.Missing : Headcount(e)),
        new("gjj_headcount", "公积金缴存人数", "Staff paying into the housing fund", "人", 0,
            e => SocialSecurityMissing(e) ? SyntheticColumn.Missing : Whole(Headcount(e) * Math.Clamp(0.85 + 0.06 * e.Normal(207), 0, 1))),
        new("ss_headcount_yoy", "参保人数同比", "Insured staff, change on the year before", "1", 3,
            e => SocialSecurityMissing(e) || Young(e) ? SyntheticColumn.Missing : ThreeDecimals(Math.Clamp(0.02 + 0.18 * e.Score(Scores.HeadcountGrowth), -.9, 2))),
        new("ss_arrears_m", "社保欠缴月数", "Months of social security in arrears", "月", 0,
            e => SocialSecurityMissing(e) ? SyntheticColumn.Missing : Step(e.Score(Scores.SocialSecurityArrears), 1.2, 3, 12)),
        new("tax_grade", "纳税信用等级", "Tax credit grade, 0 (D) to 4 (A)", "0-4", 0, TaxGrade),
        new("vat_sales_12m_wan", "近12月开票销售额", "Invoiced sales, last 12 months", "万元", 1,
            e => VatMissing(e) ? SyntheticColumn.Missing : OneDecimal(Math.Exp(5.9 + 1.15 * e.Score(Scores.VatSales)))),
        new("vat_growth_yoy", "开票销售额同比", "Invoiced sales, change on the year before", "1", 3,
            e => VatMissing(e) || Young(e) ? SyntheticColumn.Missing : ThreeDecimals(Math.Clamp(0.05 + 0.22 * e.Score(Scores.VatGrowth), -.95, 3))),
        new("zero_declare_12m", "近12月零申报次数", "Tax returns of zero, last 12 months", "次", 0,
            e => VatMissing(e) ? SyntheticColumn.Missing : Step(e.Score(Scores.ZeroDeclarations), 0.8, 4, 12)),
        new("tax_arrears_flag", "欠税标志", "Tax in arrears", "0/1", 0, e => Flag(e.Score(Scores.TaxArrears) > 1.55)),
        new("kwh_12m", "近12月用电量", "Electricity used, last 12 months", "kWh", 0,
            e => ElectricityMissing(e) ? SyntheticColumn.Missing : Whole(Math.Exp(10.2 + 1.1 * e.Score(Scores.Electricity) + e.ElectricityOfIndustry))),
        new("kwh_yoy", "用电量同比", "Electricity used, change on the year before", "1", 3,
            e => ElectricityMissing(e) || Young(e) ? SyntheticColumn.Missing : ThreeDecimals(Math.Clamp(0.01 + 0.20 * e.Score(Scores.ElectricityGrowth), -.95, 3))),
        new("kwh_arrears_12m", "近12月电费欠缴次数", "Electricity bills in arrears, last 12 months", "次", 0,
            e => ElectricityMissing(e) ? SyntheticColumn.Missing : Step(e.Score(Scores.ElectricityArrears), 1.1, 2.5, 6)),
        new("jud_def_24m", "近24月被告案件数", "Lawsuits as defendant, last 24 months", "件", 0,
            e => Floor(Math.Exp(-0.8 + 0.9 * e.Score(Scores.Lawsuits)))),
        new("jud_exec_24m", "近24月被执行次数", "Court enforcements, last 24 months", "次", 0, Enforcements),
        new("jud_exec_amt_wan", "被执行金额", "Amount under court enforcement", "万元", 1,
            e => Enforcements(e) > 0 ? OneDecimal(Math.Exp(2.5 + 1.1 * e.Normal(220))) : 0),
        new("pen_24m", "近24月行政处罚次数", "Administrative penalties, last 24 months", "次", 0,
            e => Floor(Math.Exp(-0.9 + 0.8 * e.Score(Scores.Penalties)))),
        new("patents", "专利数", "Patents", "件", 0,
            e => e.Uniform(405) < .60 ? SyntheticColumn.Missing : Floor(Math.Exp(-0.9 + 1.1 * e.Score(Scores.Patents)))),
    ];

    private static long EstablishedMonths(Enterprise e) => Whole(Math.Clamp(Math.Round(Math.Exp(4.1 + 0.75 * e.Score(Scores.Established))), 6, 480));

    private static long Headcount(Enterprise e) => Whole(Math.Min(2000, Math.Round(Math.Exp(2.3 + 1.0 * e.Score(Scores.SocialSecurityHeadcount)))));

    private static long Enforcements(Enterprise e) => Step(e.Score(Scores.Enforcements), 1.3, 3, 9);

    private static long TaxGrade(Enterprise e) => e.Score(Scores.TaxGrade) switch
    {
        < -1.75 => 0,
        < -1.0 => 1,
        < -0.35 => 2,
        < 0.85 => 3,
        _ => 4,
    };

    private static bool ElectricityMissing(Enterprise e) =>
        e.Uniform(401) < (e.Industry is InformationTechnology or LeasingAndServices ? .45 : .12);

    private static bool SocialSecurityMissing(Enterprise e) => e.Uniform(402) < (EstablishedMonths(e) < 18 ? .25 : .06);

    private static bool VatMissing(Enterprise e) => e.Uniform(403) < .07;

    private static bool Young(Enterprise e) => EstablishedMonths(e) < 24;
}
