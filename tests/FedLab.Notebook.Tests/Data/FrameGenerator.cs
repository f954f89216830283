using FedLab.Learning.Tests;
using FedLab.Notebook.Data;

namespace FedLab.Notebook.Tests.Data;

/// <summary>Small frames with everything in them that is hard to write, read and compare.</summary>
internal static class FrameGenerator
{
    private static readonly string[] Texts = ["retail", "a,b", "say \"hi\"", "line\nbreak", " padded", "企业", "=1+1", "😀", "x"];

    /// <summary>Columns k1 (few numbers), k2 (few texts), flag and value; about a tenth of the values is missing.</summary>
    public static DataFrame Frame(ulong seed, int most = 40)
    {
        var random = new DeterministicRandom(seed);
        var rows = random.Next(most);
        return new DataFrame(
            DataFrameColumn.Create("k1", Values(rows, () => random.Chance(0.1) ? (double?)null : random.Next(4))),
            DataFrameColumn.Create("k2", Values(rows, () => random.Chance(0.1) ? null : random.Pick(Texts))),
            DataFrameColumn.Create("flag", Values(rows, () => random.Chance(0.1) ? (bool?)null : random.Chance(0.5))),
            DataFrameColumn.Create("value", Values(rows, () => random.Chance(0.1) ? (double?)null : (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(12) - 6))));
    }

    /// <summary>The values, row by row, as objects.</summary>
    public static List<object?[]> RowsOf(DataFrame frame) => [.. frame.Rows.Select(row => row.ToArray())];

    public static void AssertEqual(DataFrame expected, DataFrame actual)
    {
        Assert.Equal(expected.Columns.Names, actual.Columns.Names);
        Assert.Equal(RowsOf(expected), RowsOf(actual));
    }

    private static List<T> Values<T>(int rows, Func<T> value) => [.. Enumerable.Range(0, rows).Select(_ => value())];
}
