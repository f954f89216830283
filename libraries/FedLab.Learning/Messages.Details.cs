namespace FedLab.Learning;

/// <content>The clauses that say what exactly is wrong, as the last part of a sentence.</content>
internal static partial class Messages
{
    /// <summary>Clauses by name.</summary>
    internal static partial class Detail
    {
        public static string NotAnObject => Text(nameof(NotAnObject));

        public static string FieldEmpty(string field) => Text(nameof(FieldEmpty), field);

        public static string FieldMissing(string field) => Text(nameof(FieldMissing), field);

        public static string FieldNotBoolean(string field) => Text(nameof(FieldNotBoolean), field);

        public static string FieldNotOneOf(string field, string allowed) => Text(nameof(FieldNotOneOf), field, allowed);

        public static string FieldNotText(string field) => Text(nameof(FieldNotText), field);

        public static string FieldNotTexts(string field) => Text(nameof(FieldNotTexts), field);

        public static string FieldNotUnicode(string field) => Text(nameof(FieldNotUnicode), field);

        public static string FieldRepeats(string field) => Text(nameof(FieldRepeats), field);

        public static string FieldNotFinite(string field) => Text(nameof(FieldNotFinite), field);

        public static string FieldNotWhole(string field) => Text(nameof(FieldNotWhole), field);

        public static string FieldNotList(string field, int limit) => Text(nameof(FieldNotList), field, limit);

        public static string FieldCount(string what, int fields) => Text(nameof(FieldCount), what, fields);

        public static string NotJson => Text(nameof(NotJson));

        public static string InTree(int tree, string fault) => Text(nameof(InTree), tree, fault);

        public static string NodeCount(int nodes, int limit) => Text(nameof(NodeCount), nodes, limit);

        public static string NodeMissing(int node) => Text(nameof(NodeMissing), node);

        public static string NodeWeight(int node) => Text(nameof(NodeWeight), node);

        public static string LeafFields(int node) => Text(nameof(LeafFields), node);

        public static string SplitFields(int node) => Text(nameof(SplitFields), node);

        public static string SplitChildren(int node) => Text(nameof(SplitChildren), node);

        public static string NodeOrphan(int node) => Text(nameof(NodeOrphan), node);

        public static string CheckpointStart => Text(nameof(CheckpointStart));

        public static string CheckpointHeader => Text(nameof(CheckpointHeader));

        public static string CheckpointLength => Text(nameof(CheckpointLength));

        public static string CheckpointNumbers => Text(nameof(CheckpointNumbers));

        public static string CheckpointTrees => Text(nameof(CheckpointTrees));

        public static string CheckpointSplits => Text(nameof(CheckpointSplits));

        public static string OtherRows(int rows, int expected) => Text(nameof(OtherRows), rows, expected);

        public static string OtherBaseRate => Text(nameof(OtherBaseRate));

        public static string OtherRules(int rules) => Text(nameof(OtherRules), rules);

        public static string OtherSetting(string setting) => Text(nameof(OtherSetting), setting);

        public static string AnswerCount => Text(nameof(AnswerCount));

        public static string AnswerShape => Text(nameof(AnswerShape));

        public static string AnswerSides => Text(nameof(AnswerSides));

        public static string AnswerCandidates => Text(nameof(AnswerCandidates));

        public static string AnswerTooLarge => Text(nameof(AnswerTooLarge));

        public static string RequestCandidates(int candidates) => Text(nameof(RequestCandidates), candidates);

        public static string RequestRows(int rows) => Text(nameof(RequestRows), rows);
    }
}
