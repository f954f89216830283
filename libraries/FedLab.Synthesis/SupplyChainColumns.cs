using static FedLab.Synthesis.Values;

namespace FedLab.Synthesis;

/// <summary>What a supply-chain platform sees of its suppliers: orders and receivables.</summary>
internal static class SupplyChainColumns
{
    private const long NotApplicable = -1_000;
    private const long NotAvailable = -999_000;

    public static readonly IReadOnlyList<SyntheticColumn> All =
    [
        new("sc_tenure_m", "平台合作月数", "Months on the platform", "月", 0, Tenure),
        new("sc_orders_12m", "近12月订单数", "Orders, last 12 months", "单", 0, e => Whole(Math.Exp(3.6 + 1.0 * e.Score(Scores.Orders)))),
        new("sc_amt_12m_wan", "近12月订单金额", "Value of orders, last 12 months", "万元", 1,
            e => OneDecimal(Math.Exp(5.2 + 1.2 * e.Score(Scores.OrderAmount)))),
        new("sc_ontime_rate", "准时交付率", "Share of orders delivered on time", "1", 3,
            e => ThreeDecimals(NormalDistribution.Cumulative(1.25 + 0.8 * e.Score(Scores.OnTimeDelivery)))),
        new("sc_top1_share", "最大买方占比", "Share of the largest buyer", "1", 3,
            e => ThreeDecimals(NormalDistribution.Cumulative(-0.1 + 0.8 * e.Score(Scores.TopBuyerShare)))),
        new("sc_return_rate", "退货率", "Share of goods returned", "1", 3,
            e => ThreeDecimals(NormalDistribution.Cumulative(-2.0 + 0.6 * e.Score(Scores.ReturnRate)))),
        new("sc_ar_days", "平均账期", "Average days until an invoice is paid", "天", 0,
            e => Whole(Math.Clamp(Math.Round(Math.Exp(4.0 + 0.4 * e.Score(Scores.ReceivableDays))), 5, 240))),
        new("sc_ar_overdue_rate", "应收逾期占比", "Share of receivables overdue", "1", 3,
            e => ThreeDecimals(NormalDistribution.Cumulative(-1.2 + 0.7 * e.Score(Scores.ReceivableOverdue)))),
        new("sc_trend_6m", "近6月订单趋势", "Trend of orders, last 6 months", "1", 3, Trend),
    ];

    /// <summary>
    /// The same with special codes where the trend is missing: −1 (not applicable) with less than four months of history, in which
    /// no trend can exist, and −999 (not available) with four to six.
    /// </summary>
    public static readonly IReadOnlyList<SyntheticColumn> WithSpecialCodes =
    [
        .. All.Take(All.Count - 1),
        new("sc_trend_6m", All[^1].ChineseName, All[^1].EnglishName, All[^1].Unit, 3, e => Trend(e) switch
        {
            not SyntheticColumn.Missing and var value => value,
            _ => Tenure(e) < 4 ? NotApplicable : NotAvailable,
        }),
    ];

    private static long Tenure(Enterprise e) => Whole(Math.Clamp(Math.Round(Math.Exp(3.0 + 0.7 * e.Score(Scores.PlatformTenure))), 1, 120));

    private static long Trend(Enterprise e) =>
        Tenure(e) < 7 ? SyntheticColumn.Missing : ThreeDecimals(Math.Clamp(0.01 + 0.15 * e.Score(Scores.OrderTrend), -.9, 2));
}
