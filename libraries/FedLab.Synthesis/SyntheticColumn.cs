namespace FedLab.Synthesis;

/// <summary>One column of an institution's file: its names, its unit, and how a value comes from an enterprise.</summary>
public sealed class SyntheticColumn
{
    /// <summary>What <see cref="ScaledValue"/> returns where the value is missing.</summary>
    internal const long Missing = long.MinValue;

    internal SyntheticColumn(string name, string chineseName, string englishName, string unit, int decimals, Func<Enterprise, long> scaledValue)
    {
        Name = name;
        ChineseName = chineseName;
        EnglishName = englishName;
        Unit = unit;
        Decimals = decimals;
        ScaledValue = scaledValue;
    }

    internal SyntheticColumn(string name, string chineseName, string englishName, Func<Enterprise, byte[]> text, IReadOnlyList<string> categories)
        : this(name, chineseName, englishName, "", 0, _ => Missing)
    {
        Text = text;
        Categories = categories;
    }

    /// <summary>Name in the header row.</summary>
    public string Name { get; }

    /// <summary>What the column is called in Chinese.</summary>
    public string ChineseName { get; }

    /// <summary>What the column is called in English.</summary>
    public string EnglishName { get; }

    /// <summary>Unit as a catalogue states it, empty for text: 元, 万元, %, 次, 天, 月, 个, 人, 件, 单, kWh, "1" for a ratio, "0/1" for a flag, "0-4" for a grade.</summary>
    public string Unit { get; }

    /// <summary>Decimal places of the values in the file, 0 to 4.</summary>
    public int Decimals { get; }

    /// <summary>Of a column of text (codes, names) every text that it may hold; null for a column of numbers.</summary>
    public IReadOnlyList<string>? Categories { get; }

    /// <summary>The text in UTF-8, empty where it is missing; null for a column of numbers.</summary>
    internal Func<Enterprise, byte[]>? Text { get; }

    /// <summary>The value times 10^<see cref="Decimals"/>, or <see cref="Missing"/>.</summary>
    internal Func<Enterprise, long> ScaledValue { get; }
}
