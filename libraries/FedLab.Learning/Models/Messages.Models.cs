namespace FedLab.Learning;

/// <content>Messages about published models.</content>
internal static partial class Messages
{
    /// <content>Clauses about published models.</content>
    internal static partial class Detail
    {
        public static string FeatureCount(int features, int limit) => Text(nameof(FeatureCount), features, limit);

        public static string FeatureRepeats(string feature) => Text(nameof(FeatureRepeats), Quote(feature));

        public static string InFeature(string feature, string fault) => Text(nameof(InFeature), Quote(feature), fault);

        public static string CategoryEmpty => Text(nameof(CategoryEmpty));

        public static string FileTooLong(int mebibytes) => Text(nameof(FileTooLong), mebibytes);

        public static string NotAModelFile => Text(nameof(NotAModelFile));

        public static string OtherVersion(int version, int known) => Text(nameof(OtherVersion), version, known);

        public static string OtherSources => Text(nameof(OtherSources));

        public static string RulesMissing(int rules, int needed) => Text(nameof(RulesMissing), rules, needed);

        public static string RulesUnused(int rules, int needed) => Text(nameof(RulesUnused), rules, needed);

        public static string FeatureUnknown(string where, string feature) => Text(nameof(FeatureUnknown), where, Quote(feature));

        public static string FeatureOfOtherKind(string where, string feature) => Text(nameof(FeatureOfOtherKind), where, Quote(feature));

        public static string CategoryUnknown(string where, string category) => Text(nameof(CategoryUnknown), where, Quote(category));

        public static string CapsCross(string where) => Text(nameof(CapsCross), where);

        public static string CoefficientCount(string where, int coefficients, int categories) => Text(nameof(CoefficientCount), where, coefficients, categories);

        /// <summary>A text of the file as a message repeats it: its beginning, if it is long.</summary>
        private static string Quote(string text) => text.Length <= 40 ? text : text[..40] + "…";
    }
}
