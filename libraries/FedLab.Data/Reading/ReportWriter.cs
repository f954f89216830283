using FedLab.Learning;

namespace FedLab.Data.Reading;

/// <summary>Says what was read, kept and left out.</summary>
internal static class ReportWriter
{
    /// <summary>A text column with more categories than this, and more than one for every two rows, is no feature.</summary>
    private const int ManyCategories = 1_000;

    public static DataReport Write(int rowsRead, KeySelection selection, Table table)
    {
        List<string> warnings = [];
        if (selection.Normalised > 0)
            warnings.Add(Messages.WarningKeysNormalised(selection.Normalised, selection.UpperCased, selection.Trimmed, selection.FullWidth));
        foreach (var rejected in selection.Rejected)
        {
            var lines = string.Join(", ", rejected.FirstLines) + (rejected.Count > rejected.FirstLines.Count ? ", …" : "");
            warnings.Add(Messages.WarningRejected(rejected.Count, Describe(rejected.Reason), lines));
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

        return new DataReport
        {
            RowsRead = rowsRead,
            RowsKept = selection.Rows.Length,
            KeysUpperCased = selection.UpperCased,
            KeysTrimmed = selection.Trimmed,
            KeysWithFullWidthCharacters = selection.FullWidth,
            Rejected = selection.Rejected,
            Missing = missing,
            Warnings = warnings,
        };
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
