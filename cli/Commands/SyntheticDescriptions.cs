using FedLab.Client.Plans;
using FedLab.Synthesis;

namespace FedLab.Cli.Commands;

/// <summary>What the synthetic institutions say of their columns, as real ones would in their catalogues.</summary>
internal static class SyntheticDescriptions
{
    private static readonly ColumnDescription Default = new("Default within 12 months", "12个月内是否违约", "0/1");

    /// <summary>An institution of the synthetic population.</summary>
    /// <param name="institution">The institution.</param>
    public static PartyDescription Of(SyntheticInstitution institution) => new(institution.EnglishName, institution.ChineseName, Describe(institution.Columns, institution.LabelColumn));

    /// <summary>A bank of several.</summary>
    /// <param name="bank">The bank.</param>
    public static PartyDescription Of(SyntheticBank bank) => new(bank.EnglishName, bank.ChineseName, Describe(SyntheticBanks.Columns, SyntheticBanks.LabelColumn));

    /// <summary>Units that people write in Chinese, with the English word beside them: a catalogue has one unit for readers of both languages.</summary>
    private static string UnitOf(SyntheticColumn column) => column.Unit switch
    {
        "元" => "CNY 元",
        "万元" => "10,000 CNY 万元",
        "天" => "days 天",
        "月" => "months 月",
        "人" => "people 人",
        "次" or "个" or "件" or "单" => $"count {column.Unit}",
        "1" => "ratio",
        var international => international,
    };

    private static Dictionary<string, ColumnDescription> Describe(IReadOnlyList<SyntheticColumn> columns, string? label)
    {
        var described = columns.ToDictionary(column => column.Name, column => new ColumnDescription(column.EnglishName, column.ChineseName, UnitOf(column)), StringComparer.Ordinal);
        if (label is not null) described[label] = Default;
        return described;
    }
}
