using System.Globalization;
using System.Resources;

namespace FedLab.Data;

/// <summary>The sentences that a person reads, in the language of the current UI culture.</summary>
internal static class Messages
{
    private static readonly ResourceManager Resources = new("FedLab.Data.Resources.Messages", typeof(Messages).Assembly);

    public static string FileMissing(string path) => Format(nameof(FileMissing), path);

    public static string FileIsFolder(string path) => Format(nameof(FileIsFolder), path);

    public static string FileUnreadable(string path, string reason) => Format(nameof(FileUnreadable), path, reason);

    public static string FileEmpty(string path) => Format(nameof(FileEmpty), path);

    public static string HeaderOnly(string path) => Format(nameof(HeaderOnly), path);

    public static string GzipDamaged(string path) => Format(nameof(GzipDamaged), path);

    public static string NotGzip(string path) => Format(nameof(NotGzip), path);

    public static string NotUtf8(string path, long line) => Format(nameof(NotUtf8), path, line);

    public static string ColumnNameEmpty(string path, int column) => Format(nameof(ColumnNameEmpty), path, column);

    public static string ColumnNameDuplicate(string path, string name, int first, int second) => Format(nameof(ColumnNameDuplicate), path, name, first, second);

    public static string TooManyColumns(string path, int found, int maximum) => Format(nameof(TooManyColumns), path, found, maximum);

    public static string ColumnNotFound(string path, string name, string role, string nearest) => Format(nameof(ColumnNotFound), path, name, role, nearest);

    public static string ColumnRolesCollide(string path, string name, string first, string second) => Format(nameof(ColumnRolesCollide), path, name, first, second);

    public static string OtherSeparator(string path, string name) => Format(nameof(OtherSeparator), path, name);

    public static string RoleKey => Text(nameof(RoleKey));

    public static string RoleLabel => Text(nameof(RoleLabel));

    public static string RoleFold => Text(nameof(RoleFold));

    public static string RoleCategorical => Text(nameof(RoleCategorical));

    public static string RoleExcluded => Text(nameof(RoleExcluded));

    public static string FieldCount(string path, long line, int found, int expected) => Format(nameof(FieldCount), path, line, found, expected);

    public static string FieldTooLong(string path, long line, int column, int maximum) => Format(nameof(FieldTooLong), path, line, column, maximum);

    public static string RowUnreadable(string path, long line, int megabytes) => Format(nameof(RowUnreadable), path, line, megabytes);

    public static string TooManyRows(string path, int maximum) => Format(nameof(TooManyRows), path, maximum);

    public static string InfiniteNumber(string path, long line, string column) => Format(nameof(InfiniteNumber), path, line, column);

    public static string WordAmongNumbers(string path, long line, string column, string word, int percent) => Format(nameof(WordAmongNumbers), path, line, column, word, percent);

    public static string LabelInvalid(string path, long line, string column) => Format(nameof(LabelInvalid), path, line, column);

    public static string LabelMissing(string path, long line, string column) => Format(nameof(LabelMissing), path, line, column);

    public static string LabelOneClass(string path, string column, int value) => Format(nameof(LabelOneClass), path, column, value);

    public static string NoUsableRow(string path, string column, int rows) => Format(nameof(NoUsableRow), path, column, rows);

    public static string FileChanged(string path) => Format(nameof(FileChanged), path);

    public static string WarningKeysNormalised(int count, int upper, int trimmed, int fullWidth) => Format(nameof(WarningKeysNormalised), count, upper, trimmed, fullWidth);

    public static string WarningRejected(int count, string reason, string lines) => Format(nameof(WarningRejected), count, reason, lines);

    public static string ReasonKeyMissing => Text(nameof(ReasonKeyMissing));

    public static string ReasonKeyTooLong => Text(nameof(ReasonKeyTooLong));

    public static string ReasonNotACreditCode => Text(nameof(ReasonNotACreditCode));

    public static string ReasonWrongCheckCharacter => Text(nameof(ReasonWrongCheckCharacter));

    public static string ReasonDuplicate => Text(nameof(ReasonDuplicate));

    public static string WarningAllMissing(string column) => Format(nameof(WarningAllMissing), column);

    public static string WarningManyCategories(string column, int count) => Format(nameof(WarningManyCategories), column, count);

    public static string WriteFolderMissing(string path) => Format(nameof(WriteFolderMissing), path);

    public static string WriteIsFolder(string path) => Format(nameof(WriteIsFolder), path);

    public static string WriteDiskFull(string path) => Format(nameof(WriteDiskFull), path);

    public static string WriteDenied(string path) => Format(nameof(WriteDenied), path);

    public static string WriteFailed(string path, string reason) => Format(nameof(WriteFailed), path, reason);

    private static string Format(string name, params object[] arguments) =>
        string.Format(CultureInfo.InvariantCulture, Text(name), arguments);

    private static string Text(string name) =>
        Resources.GetString(name, CultureInfo.CurrentUICulture) ?? throw new MissingManifestResourceException(name);
}
