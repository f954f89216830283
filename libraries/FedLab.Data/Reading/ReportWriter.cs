using FedLab.Data.Connectors;
using FedLab.Learning;

namespace FedLab.Data.Reading;

/// <summary>Says what was read, kept and left out.</summary>
internal static class ReportWriter
{
    /// <summary>A text column with more categories than this, and more than one for every two rows, is no feature.</summary>
    private const int ManyCategories = 1_000;

    public static DataReport Write(int rowsRead, KeySelection selection, ColumnBuilders builders, Table table, byte[]? labels, RowContext context)
    {
        List<string> warnings = [];
        if (selection.Normalised > 0)
            warnings.Add(Messages.WarningKeysNormalised(selection.Normalised, selection.UpperCased, selection.Trimmed, selection.FullWidth));
        foreach (var rejected in selection.Rejected)
        {
            var numbers = string.Join(", ", rejected.FirstLines) + (rejected.Count > rejected.FirstLines.Count ? ", …" : "");
            var rows = context.Numbering == RowNumbering.Lines ? Messages.Lines(numbers) : Messages.Rows(numbers);
            warnings.Add(Messages.WarningRejected(rejected.Count, Describe(rejected.Reason), rows));
        }

        List<MissingShare> missing = [];
        foreach (var column in table.Columns)
        {
            var count = CountMissing(column);
            missing.Add(new MissingShare(column.Name, (double)count / column.RowCount));
            if (count == column.RowCount) warnings.Add(Messages.WarningAllMissing(column.Name));
            if (column is CategoricalColumn { Categories.Count: > ManyCategories } text && text.Categories.Count > text.RowCount / 2)
                warnings.Add(Messages.WarningManyCategories(text.Name, text.Categories.Count));
        }

        if (labels is [var first, ..] && !labels.AsSpan().ContainsAnyExcept(first)) warnings.Add(Messages.WarningLabelOneClass(builders.Plan.Names[Array.IndexOf(builders.Plan.Roles, ColumnRole.Label)], first));
        foreach (var name in builders.TextsOfNumbers) warnings.Add(Messages.WarningTextOfNumbers(name));
        return new DataReport
        {
            RowsRead = rowsRead,
            RowsKept = selection.Rows.Length,
            KeysUpperCased = selection.UpperCased,
            KeysTrimmed = selection.Trimmed,
            KeysWithFullWidthCharacters = selection.FullWidth,
            Rejected = selection.Rejected,
            Keys = selection.Validity,
            Columns = [.. Enumerable.Range(0, builders.Plan.Names.Length).Select(i => Describe(builders.Plan, i, table, missing))],
            Missing = missing,
            Warnings = warnings,
        };
    }

    private static ColumnReport Describe(ColumnPlan plan, int index, Table table, List<MissingShare> missing)
    {
        var (name, type) = (plan.Names[index], plan.Columns[index].TypeName);
        if (plan.Roles[index] != ColumnRole.Feature)
        {
            var use = plan.Roles[index] switch
            {
                ColumnRole.Key => ColumnUse.Key,
                ColumnRole.Label => ColumnUse.Label,
                ColumnRole.Fold => ColumnUse.Fold,
                _ => ColumnUse.Excluded,
            };
            return new ColumnReport(name, type, use, Missing: null, Categories: null);
        }

        var share = missing.First(m => m.Column == name).Share;
        return table[name] is CategoricalColumn text
            ? new ColumnReport(name, type, ColumnUse.Category, share, text.Categories.Count)
            : new ColumnReport(name, type, plan.NumberUse(index), share, Categories: null);
    }

    private static int CountMissing(Column column)
    {
        var count = 0;
        if (column is NumericColumn numeric)
        {
            foreach (var value in numeric.Values.Span)
            {
                if (double.IsNaN(value)) count++;
            }
        }
        else if (column is CategoricalColumn categorical)
        {
            count = categorical.Codes.Span.Count(-1);
        }

        return count;
    }

    private static string Describe(RejectionReason reason) => reason switch
    {
        RejectionReason.KeyMissing => Messages.ReasonKeyMissing,
        RejectionReason.KeyTooLong => Messages.ReasonKeyTooLong,
        RejectionReason.NotACreditCode => Messages.ReasonNotACreditCode,
        RejectionReason.WrongCheckCharacter => Messages.ReasonWrongCheckCharacter,
        _ => Messages.ReasonDuplicate,
    };
}
