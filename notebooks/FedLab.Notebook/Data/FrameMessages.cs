using System.Globalization;
using System.Resources;
using FedLab.Learning;

namespace FedLab.Notebook.Data;

/// <summary>What a person reads of tables, in the language of the current UI culture.</summary>
internal static class FrameMessages
{
    private static readonly ResourceManager Resources = new("FedLab.Notebook.Resources.FrameMessages", typeof(FrameMessages).Assembly);

    public static string ColumnColumn => Text(nameof(ColumnColumn));

    public static string ColumnType => Text(nameof(ColumnType));

    public static string ColumnRows => Text(nameof(ColumnRows));

    public static string ColumnMissingValues => Text(nameof(ColumnMissingValues));

    public static string ColumnDistinct => Text(nameof(ColumnDistinct));

    public static string ColumnMean => Text(nameof(ColumnMean));

    public static string ColumnStandardDeviation => Text(nameof(ColumnStandardDeviation));

    public static string ColumnMin => Text(nameof(ColumnMin));

    public static string ColumnQ25 => Text(nameof(ColumnQ25));

    public static string ColumnMedian => Text(nameof(ColumnMedian));

    public static string ColumnQ75 => Text(nameof(ColumnQ75));

    public static string ColumnMax => Text(nameof(ColumnMax));

    public static string ColumnMostFrequent => Text(nameof(ColumnMostFrequent));

    public static string ColumnOccurrences => Text(nameof(ColumnOccurrences));

    public static string ColumnValues => Text(nameof(ColumnValues));

    public static string ColumnCounts => Text(nameof(ColumnCounts));

    public static string TypeNumber => Text(nameof(TypeNumber));

    public static string TypeText => Text(nameof(TypeText));

    public static string TypeBoolean => Text(nameof(TypeBoolean));

    public static string Missing => Text(nameof(Missing));

    public static string NoRows => Text(nameof(NoRows));

    public static string Separator => Text(nameof(Separator));

    public static string RowsShown(int first, int last, int count) => Format(nameof(RowsShown), first, last, count);

    public static string ColumnCount(int count) => count == 1 ? Text("ColumnCountOne") : Format(nameof(ColumnCount), count);

    public static string ColumnsHidden(int count) => Format(nameof(ColumnsHidden), count);

    public static string MorePages(int number, int count, string call) => Format(nameof(MorePages), number, count, call);

    public static FrameException ColumnMissing(string name, IReadOnlyCollection<string> known) =>
        NearestName.Of(name, known) is { } near ? Error("ColumnMissingNear", name, near)
        : NearestName.List(known) is { } list ? Error("ColumnMissingAmong", name, list)
        : Error(nameof(ColumnMissing), name);

    public static FrameException NoColumns(string name) => Error(nameof(NoColumns), name);

    public static FrameException ColumnOutside(int index, int count) => Error(nameof(ColumnOutside), index, count);

    public static FrameException ColumnTwice(string name) => Error(nameof(ColumnTwice), name);

    public static FrameException ColumnWithoutName() => Error(nameof(ColumnWithoutName));

    public static FrameException ColumnIsText(string name) => Error(nameof(ColumnIsText), name);

    public static FrameException LengthsDiffer(string name, int length, int expected) => Error(nameof(LengthsDiffer), name, length, expected);

    public static FrameException RowOutside(int row, int count) => Error(nameof(RowOutside), row, count);

    public static FrameException CountNegative(int count) => Error(nameof(CountNegative), count);

    public static FrameException LoadCountOutside(int count) => Error(nameof(LoadCountOutside), count);

    public static FrameException QuantileOutside(double probability) => Error(nameof(QuantileOutside), probability);

    public static FrameException TypesDiffer(DataFrameColumn column, DataFrameColumn other) => Error(nameof(TypesDiffer), column.Name, TypeOf(column), other.Name, TypeOf(other));

    public static FrameException JoinTooLarge(int maximum) => Error(nameof(JoinTooLarge), maximum);

    public static FrameException TooManyRows(int maximum) => Error(nameof(TooManyRows), maximum);

    public static FrameException PageOutside(int number, int count) => Error(nameof(PageOutside), number, count);

    public static FrameException PageRowsOutside(int rows, int maximum) => Error(nameof(PageRowsOutside), rows, maximum);

    public static FrameException ValueIsNotANumber(string value) => Error(nameof(ValueIsNotANumber), TableFooter.Shorten(value, 40));

    public static FrameException ValueIsNotTrueOrFalse(string value) => Error(nameof(ValueIsNotTrueOrFalse), TableFooter.Shorten(value, 40));

    public static FrameException NothingToSave() => Error(nameof(NothingToSave));

    public static FrameException TableNotWritten(string table, Exception e) => new(Format(nameof(TableNotWritten), table, e.Message), e);

    private static string TypeOf(DataFrameColumn column) => column switch
    {
        DoubleDataFrameColumn => TypeNumber,
        BooleanDataFrameColumn => TypeBoolean,
        _ => TypeText,
    };

    private static FrameException Error(string name, params object[] arguments) => new(Format(name, arguments));

    private static string Format(string name, params object[] arguments) => string.Format(CultureInfo.InvariantCulture, Text(name), arguments);

    private static string Text(string name) => Resources.GetString(name, CultureInfo.CurrentUICulture) ?? throw new MissingManifestResourceException(name);
}
