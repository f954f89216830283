using System.Globalization;
using System.Resources;
using FedLab.Learning;

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

    public static string ColumnNotFound(string path, string name, string role, IReadOnlyCollection<string> known) =>
        NearestName.Of(name, known) is { } near ? ColumnNotFoundNear(path, name, role, near)
        : NearestName.List(known) is { } list ? ColumnNotFoundAmong(path, name, role, list)
        : Format(nameof(ColumnNotFound), path, name, role);

    public static string ColumnNotFoundNear(string path, string name, string role, string near) => Format(nameof(ColumnNotFoundNear), path, name, role, near);

    public static string ColumnNotFoundAmong(string path, string name, string role, string known) => Format(nameof(ColumnNotFoundAmong), path, name, role, known);

    public static string ColumnRolesCollide(string path, string name, string first, string second) => Format(nameof(ColumnRolesCollide), path, name, first, second);

    public static string OtherSeparator(string path, string name) => Format(nameof(OtherSeparator), path, name);

    public static string RoleKey => Text(nameof(RoleKey));

    public static string RoleLabel => Text(nameof(RoleLabel));

    public static string RoleFold => Text(nameof(RoleFold));

    public static string RoleCategorical => Text(nameof(RoleCategorical));

    public static string RoleExcluded => Text(nameof(RoleExcluded));

    public static string FieldCount(string path, long line, int found, int expected) => Format(nameof(FieldCount), path, line, found, expected);

    public static string FieldTooLong(string place, int column, int maximum) => Format(nameof(FieldTooLong), place, column, maximum);

    public static string RowUnreadable(string path, long line, int megabytes) => Format(nameof(RowUnreadable), path, line, megabytes);

    public static string TooManyRows(string path, int maximum) => Format(nameof(TooManyRows), path, maximum);

    public static string InfiniteNumber(string place, string column) => Format(nameof(InfiniteNumber), place, column);

    public static string WordAmongNumbers(string place, string column, string word, int percent) => Format(nameof(WordAmongNumbers), place, column, word, percent);

    public static string LabelInvalid(string place, string column) => Format(nameof(LabelInvalid), place, column);

    public static string LabelMissing(string place, string column) => Format(nameof(LabelMissing), place, column);

    public static string NoUsableRow(string path, string column, int rows) => Format(nameof(NoUsableRow), path, column, rows);

    public static string FileChanged(string path) => Format(nameof(FileChanged), path);

    public static string WarningKeysNormalised(int count, int upper, int trimmed, int fullWidth) => Format(nameof(WarningKeysNormalised), count, upper, trimmed, fullWidth);

    public static string WarningRejected(int count, string reason, string lines) => Format(nameof(WarningRejected), count, reason, lines);

    public static string ReasonKeyMissing => Text(nameof(ReasonKeyMissing));

    public static string ReasonKeyTooLong => Text(nameof(ReasonKeyTooLong));

    public static string ReasonNotACreditCode => Text(nameof(ReasonNotACreditCode));

    public static string ReasonWrongCheckCharacter => Text(nameof(ReasonWrongCheckCharacter));

    public static string ReasonDuplicate => Text(nameof(ReasonDuplicate));

    public static string WarningLabelOneClass(string column, int value) => Format(nameof(WarningLabelOneClass), column, value);

    public static string WarningAllMissing(string column) => Format(nameof(WarningAllMissing), column);

    public static string WarningManyCategories(string column, int count) => Format(nameof(WarningManyCategories), column, count);

    public static string WriteFolderMissing(string path) => Format(nameof(WriteFolderMissing), path);

    public static string WriteIsFolder(string path) => Format(nameof(WriteIsFolder), path);

    public static string WriteDiskFull(string path) => Format(nameof(WriteDiskFull), path);

    public static string WriteDenied(string path) => Format(nameof(WriteDenied), path);

    public static string WriteFailed(string path, string reason) => Format(nameof(WriteFailed), path, reason);

    public static string PlaceLine(string source, long line) => Format(nameof(PlaceLine), source, line);

    public static string PlaceRow(string source, long row) => Format(nameof(PlaceRow), source, row);

    public static string Lines(string numbers) => Format(nameof(Lines), numbers);

    public static string Rows(string numbers) => Format(nameof(Rows), numbers);

    public static string Query => Text(nameof(Query));

    public static string RoleMapped => Text(nameof(RoleMapped));

    public static string RoleOrder => Text(nameof(RoleOrder));

    public static string NoRow(string source) => Format(nameof(NoRow), source);

    public static string NotANumber(string place, string column, string value) => Format(nameof(NotANumber), place, column, value);

    public static string NotABoolean(string place, string column, string value) => Format(nameof(NotABoolean), place, column, value);

    public static string NotADate(string place, string column, string value, string format) => Format(nameof(NotADate), place, column, value, format);

    public static string TypeUnreadable(string source, string column, string type) => Format(nameof(TypeUnreadable), source, column, type);

    public static string DateUnmapped(string source, string column, string type) => Format(nameof(DateUnmapped), source, column, type);

    public static string DateNeedsFormat(string source, string column, string type) => Format(nameof(DateNeedsFormat), source, column, type);

    public static string CellUnreadable(string place, string column) => Format(nameof(CellUnreadable), place, column);

    public static string CellNotUtf8(string place, string column) => Format(nameof(CellNotUtf8), place, column);

    public static string RowTooLarge(string place, int megabytes) => Format(nameof(RowTooLarge), place, megabytes);

    public static string AnswerUnreadable(string place) => Format(nameof(AnswerUnreadable), place);

    public static string TableMissing(string source, string table) => Format(nameof(TableMissing), source, table);

    public static string TableMissingAmong(string source, string table, IReadOnlyCollection<string> known) =>
        NearestName.Of(table, known) is { } near ? TableMissingNear(source, table, near)
        : NearestName.List(known) is { } list ? Format(nameof(TableMissingAmong), source, table, list)
        : TableMissing(source, table);

    public static string TableMissingNear(string source, string table, string near) => Format(nameof(TableMissingNear), source, table, near);

    public static string TableMissingDotted(string source, string table) => Format(nameof(TableMissingDotted), source, table);

    public static string QueryGivesNoColumns(string source) => Format(nameof(QueryGivesNoColumns), source);

    public static string QueryWrites(string source) => Format(nameof(QueryWrites), source);

    public static string QueryFailed(string source, string reason) => Format(nameof(QueryFailed), source, reason);

    public static string SqliteDamaged(string source) => Format(nameof(SqliteDamaged), source);

    public static string SqliteBusy(string source) => Format(nameof(SqliteBusy), source);

    public static string SqliteUnreadable(string source, string reason) => Format(nameof(SqliteUnreadable), source, reason);

    public static string DatabaseTimeout(string source, long seconds, long rows) => Format(nameof(DatabaseTimeout), source, seconds, rows);

    public static string DatabaseGone(string source, long rows) => Format(nameof(DatabaseGone), source, rows);

    public static string PermissionDenied(string source, string user, string reason) => Format(nameof(PermissionDenied), source, user, reason);

    public static string WarningTextOfNumbers(string column) => Format(nameof(WarningTextOfNumbers), column);

    private static string Format(string name, params object[] arguments) =>
        string.Format(CultureInfo.InvariantCulture, Text(name), arguments);

    private static string Text(string name) =>
        Resources.GetString(name, CultureInfo.CurrentUICulture) ?? throw new MissingManifestResourceException(name);
}
