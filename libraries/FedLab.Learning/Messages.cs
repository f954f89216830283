using System.Globalization;
using System.Resources;

namespace FedLab.Learning;

/// <summary>The sentences that people read, in English and in Chinese (Resources/Messages*.resx).</summary>
internal static partial class Messages
{
    private static readonly ResourceManager Resources = new("FedLab.Learning.Resources.Messages", typeof(Messages).Assembly);

    public static LearningException SettingUnknown(string name, string known) => Error(nameof(SettingUnknown), name, known);

    public static LearningException SettingUnknownNear(string name, string nearest, string known) => Error(nameof(SettingUnknownNear), name, nearest, known);

    public static LearningException SettingNotANumber(string name, string value, string range) => Error(nameof(SettingNotANumber), name, value, range);

    public static LearningException SettingOutOfRange(string name, string value, string range) => Error(nameof(SettingOutOfRange), name, value, range);

    public static string IntegerRange(string low, string high) => Text(nameof(IntegerRange), low, high);

    public static string NumberRange(string low, string high) => Text(nameof(NumberRange), low, high);

    public static string NumberRangeAbove(string low, string high) => Text(nameof(NumberRangeAbove), low, high);

    public static LearningException TooManyFeatures(string source, int count, int limit) => Error(nameof(TooManyFeatures), source, count, limit);

    public static LearningException LabelNotBinary(int row, int value) => Error(nameof(LabelNotBinary), row, value);

    public static LearningException OneClassOnly(long rows, int value) => Error(nameof(OneClassOnly), rows, value);

    public static LearningException NoTrainingRows() => Error(nameof(NoTrainingRows));

    public static LearningException NoValidationRows(int rows) => Error(nameof(NoValidationRows), rows);

    public static LearningException TooManyRowsForWeight(int rows, double weight) => Error(nameof(TooManyRowsForWeight), rows, weight);

    public static LearningException MetricsNeedBothClasses(int rows) => Error(nameof(MetricsNeedBothClasses), rows);

    public static LearningException ColumnHoldsText(string column) => Error(nameof(ColumnHoldsText), column);

    public static LearningException ColumnHoldsNumbers(string column) => Error(nameof(ColumnHoldsNumbers), column);

    public static LearningException ColumnMissing(string column) => Error(nameof(ColumnMissing), column);

    public static LearningException ModelMalformed(string detail) => Error(nameof(ModelMalformed), detail);

    public static LearningException RuleMalformed(string detail) => Error(nameof(RuleMalformed), detail);

    public static LearningException CheckpointMalformed(string detail) => Error(nameof(CheckpointMalformed), detail);

    public static LearningException CheckpointOfOtherRun(string detail) => Error(nameof(CheckpointOfOtherRun), detail);

    public static LearningException SourceAnswerMalformed(string source, string detail) => Error(nameof(SourceAnswerMalformed), source, detail);

    public static LearningException SplitRequestMalformed(string source, string detail) => Error(nameof(SplitRequestMalformed), source, detail);

    public static LearningException SumsImpossible(string round) => Error(nameof(SumsImpossible), round);

    private static LearningException Error(string name, params object[] arguments) => new(Text(name, arguments));

    private static string Text(string name, params object[] arguments) =>
        string.Format(CultureInfo.InvariantCulture, Resources.GetString(name, CultureInfo.CurrentUICulture)!, arguments);
}
