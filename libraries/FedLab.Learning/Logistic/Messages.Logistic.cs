namespace FedLab.Learning;

/// <content>What logistic regression has to say.</content>
internal static partial class Messages
{
    public static LearningException SettingNotAChoice(string name, string value, string choices) => Error(nameof(SettingNotAChoice), name, value, choices);

    public static LearningException SeparatedCompletely(string columns) => Error(nameof(SeparatedCompletely), columns);

    public static LearningException SeparatedPartly(string columns) => Error(nameof(SeparatedPartly), columns);

    public static LearningException NotConverged(int iterations) => Error(nameof(NotConverged), iterations);

    public static LearningException TooManyColumns(long count, int limit, string feature) => Error(nameof(TooManyColumns), count, limit, feature);

    public static string ColumnsConstant(string columns) => Text(nameof(ColumnsConstant), columns);

    public static string ColumnCollinear(string column, string others) => Text(nameof(ColumnCollinear), column, others);

    public static string ColumnsSeparated(string columns) => Text(nameof(ColumnsSeparated), columns);

    public static string NoStandardErrors() => Text(nameof(NoStandardErrors));
}
