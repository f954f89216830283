using FedLab.Learning;
using FsCheck;
using FsCheck.Fluent;

namespace FedLab.Data.Tests;

/// <summary>Random tables of numbers and texts with commas, quotes, line ends, Chinese and missing values.</summary>
internal static class TableGenerator
{
    private static readonly string[] Snippets = ["a", "b ", "\"", ",", "\n", "\r\n", "词", "😀", "'", "=1+1", ";", "0", "1.5", "\t", "é"];

    public static IEnumerable<(Table Table, IReadOnlyList<string> Keys)> Sample(int count, int size) => Tables().Draw(count, size);

    private static Gen<(Table Table, IReadOnlyList<string> Keys)> Tables() =>
        from rows in Gen.Choose(1, 40)
        from kinds in Gen.NonEmptyListOf(Gen.Elements(true, false))
        from columns in Gen.CollectToList(
            kinds.Take(6).Select((numeric, i) => (numeric, i)).ToList(), kind => kind.numeric ? Numeric($"n{kind.i}, \"列\"", rows) : Text($"t{kind.i}", rows))
        from salt in Texts()
        select (new Table([.. columns]), (IReadOnlyList<string>)[.. Enumerable.Range(0, rows).Select(i => $"{i}{salt}K".ToUpperInvariant())]);

    private static Gen<Column> Numeric(string name, int rows) =>
        from values in Gen.ArrayOf(Gen.OneOf(
            Gen.Constant(double.NaN),
            Gen.Choose(-1000, 1000).Select(i => (double)i),
            ArbMap.Default.GeneratorFor<double>().Where(double.IsFinite)), rows)
        select (Column)new NumericColumn(name, values);

    private static Gen<Column> Text(string name, int rows) =>
        from values in Gen.ArrayOf(Gen.OneOf(Gen.Constant<string?>(null), Texts().Select(t => (string?)t)), rows)
        let categories = values.Where(v => v is not null).Distinct().Select(v => v!).ToArray()
        select (Column)new CategoricalColumn(name, categories, [.. values.Select(v => v is null ? -1 : Array.IndexOf(categories, v))]);

    /// <summary>Texts that a reader may not confuse with a missing value: trimmed, not empty.</summary>
    private static Gen<string> Texts() =>
        Gen.NonEmptyListOf(Gen.Elements(Snippets)).Select(parts => string.Concat(parts.Take(5)).Trim()).Where(text => text.Length > 0);
}
