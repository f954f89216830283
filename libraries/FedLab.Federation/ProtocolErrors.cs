using System.Globalization;
using System.Resources;

namespace FedLab.Federation;

/// <summary>
/// Every way in which a run's messages, files and settings can be wrong: one method for each, with a sentence in English and
/// Chinese. The sentence is for the party that meets the error and may name its rows and columns; whoever else must know is
/// told the code alone (<see cref="ProtocolException.Code"/>), which is the method's name.
/// </summary>
internal static class ProtocolErrors
{
    private static readonly ResourceManager Resources = new("FedLab.Federation.Resources.ProtocolErrors", typeof(ProtocolErrors).Assembly);

    // Channels: envelopes and seals.

    public static ProtocolException NotAPartyOfExperiment(string name) => Error(null, nameof(NotAPartyOfExperiment), name);

    public static ProtocolException NotAPartyOfNetwork(string name) => Error(null, nameof(NotAPartyOfNetwork), name);

    public static ProtocolException NameInvalid(string field, string value, int longest) => Error(null, nameof(NameInvalid), field, value, longest);

    public static ProtocolException StepUnknown(string step) => Error(null, nameof(StepUnknown), step);

    public static ProtocolException StepUnexpected(string sender, string step, string expected) => Error(null, nameof(StepUnexpected), sender, step, expected);

    public static ProtocolException ClassUnknown(int value) => Error(null, nameof(ClassUnknown), value);

    public static ProtocolException ClassMismatch(string step, string required, string found) => Error(null, nameof(ClassMismatch), step, required, found);

    public static ProtocolException MessageTooLong(string step, long length, long limit) => Error(null, nameof(MessageTooLong), step, length, limit);

    public static ProtocolException AttemptNotPositive(int attempt) => Error(null, nameof(AttemptNotPositive), attempt);

    public static ProtocolException AttemptMismatch(int found, int current) => Error(null, nameof(AttemptMismatch), found, current);

    public static ProtocolException SequenceNegative(long sequence) => Error(null, nameof(SequenceNegative), sequence);

    public static ProtocolException SequenceGap(long sequence, string sender, long expected) => Error(null, nameof(SequenceGap), sequence, sender, expected);

    public static ProtocolException PayloadHashLength() => Error(null, nameof(PayloadHashLength));

    public static ProtocolException SignatureLength(int bytes, int expected) => Error(null, nameof(SignatureLength), bytes, expected);

    public static ProtocolException SignatureInvalid(string sender, long sequence, string step) => Error(null, nameof(SignatureInvalid), sender, sequence, step);

    public static ProtocolException ContentMismatch(long sequence, string sender, string step) => Error(null, nameof(ContentMismatch), sequence, sender, step);

    public static ProtocolException MessageMisdirected(string receiver, string run, string self, string ownRun) => Error(null, nameof(MessageMisdirected), receiver, run, self, ownRun);

    public static ProtocolException ConnectionFailed(string cause, Exception innerException) => Error(innerException, nameof(ConnectionFailed), cause);

    public static ProtocolException EnvelopeNumberInUse(ulong number) => Error(null, nameof(EnvelopeNumberInUse), number);

    public static ProtocolException PieceTooLong(string step, string sender, int bytes, long missing) => Error(null, nameof(PieceTooLong), step, sender, bytes, missing);

    public static ProtocolException FrameNotSent(ulong sequence, ulong last) => Error(null, nameof(FrameNotSent), sequence, last);

    public static ProtocolException FrameMissing(ulong sequence, ulong received) => Error(null, nameof(FrameMissing), sequence, received);

    public static ProtocolException GreetingMissing() => Error(null, nameof(GreetingMissing));

    public static ProtocolException GreetingMalformed() => Error(null, nameof(GreetingMalformed));

    public static ProtocolException AgreementKeyInvalid(string peer, Exception? innerException = null) => Error(innerException, nameof(AgreementKeyInvalid), peer);

    public static ProtocolException AgreementKeyTwice(string peer) => Error(null, nameof(AgreementKeyTwice), peer);

    public static ProtocolException KeysNotAgreed(string peer) => Error(null, nameof(KeysNotAgreed), peer);

    public static ProtocolException SealTruncated(string peer, string step) => Error(null, nameof(SealTruncated), peer, step);

    public static ProtocolException SealBroken(string peer, string step, Exception? innerException = null) => Error(innerException, nameof(SealBroken), peer, step);

    // Wire: fields of messages and stored files.

    public static ProtocolException FieldOutOfRange(string message, string field, int value, int minimum, int maximum) => Error(null, nameof(FieldOutOfRange), message, field, value, minimum, maximum);

    public static ProtocolException NumberTooLong(string message) => Error(null, nameof(NumberTooLong), message);

    public static ProtocolException CountTooLarge(string message, string field, uint value, int maximum) => Error(null, nameof(CountTooLarge), message, field, value, maximum);

    public static ProtocolException FieldNotText(string message, string field, Exception? innerException = null) => Error(innerException, nameof(FieldNotText), message, field);

    public static ProtocolException RowUnknown(string message, long row, int rows) => Error(null, nameof(RowUnknown), message, row, rows);

    public static ProtocolException BytesLeftOver(string message, long bytes) => Error(null, nameof(BytesLeftOver), message, bytes);

    public static ProtocolException ContentTooShort(string message) => Error(null, nameof(ContentTooShort), message);

    // Experiments: the specification and its settings.

    public static ProtocolException ExperimentTooLarge(int bytes, int limit) => Error(null, nameof(ExperimentTooLarge), bytes, limit);

    public static ProtocolException ExperimentEmpty() => Error(null, nameof(ExperimentEmpty));

    public static ProtocolException ExperimentMalformed(string cause, Exception innerException) => Error(innerException, nameof(ExperimentMalformed), cause);

    public static ProtocolException ExperimentVersion(int version, int known) => Error(null, nameof(ExperimentVersion), version, known);

    public static ProtocolException ExperimentName(string name) => Error(null, nameof(ExperimentName), name);

    public static ProtocolException ModelKindUnknown(string model) => Error(null, nameof(ModelKindUnknown), model);

    public static ProtocolException PartyCount(int most, int count) => Error(null, nameof(PartyCount), most, count);

    public static ProtocolException PartyName(string name) => Error(null, nameof(PartyName), name);

    public static ProtocolException PartyTwice() => Error(null, nameof(PartyTwice));

    public static ProtocolException OneActiveNeeded() => Error(null, nameof(OneActiveNeeded));

    public static ProtocolException TestFoldInvalid(int fold, int folds) => Error(null, nameof(TestFoldInvalid), fold, folds);

    public static ProtocolException ManifestHashNeeded() => Error(null, nameof(ManifestHashNeeded));

    public static ProtocolException SettingTooLong(string name) => Error(null, nameof(SettingTooLong), name);

    public static ProtocolException LinkInvalid(string text) => Error(null, nameof(LinkInvalid), text);

    public static ProtocolException NotAPartyOf(string name, string experiment) => Error(null, nameof(NotAPartyOf), name, experiment);

    public static ProtocolException OtherPartyVersion(string peer, int theirs, int ours) => Error(null, nameof(OtherPartyVersion), peer, theirs, ours);

    // Alignment.

    public static ProtocolException NoRowInCommon(int keys, string self, string sources) => Error(null, nameof(NoRowInCommon), keys, self, sources);

    public static ProtocolException KeysUnexpected(string owner) => Error(null, nameof(KeysUnexpected), owner);

    public static ProtocolException KeyCountChanged(string sender) => Error(null, nameof(KeyCountChanged), sender);

    public static ProtocolException KeysNotReturned(string last, string self) => Error(null, nameof(KeysNotReturned), last, self);

    public static ProtocolException BlindedKeysInvalid(string owner, string cause, Exception innerException) => Error(innerException, nameof(BlindedKeysInvalid), owner, cause);

    public static ProtocolException BlindedKeysRepeated(string source) => Error(null, nameof(BlindedKeysRepeated), source);

    public static ProtocolException RequiredRowsLeftOut(string self) => Error(null, nameof(RequiredRowsLeftOut), self);

    public static ProtocolException OrderIdentifierLength() => Error(null, nameof(OrderIdentifierLength));

    public static ProtocolException OrderTrainingRows(int trainingRows, int rows) => Error(null, nameof(OrderTrainingRows), trainingRows, rows);

    public static ProtocolException OwnRowTwice(int row) => Error(null, nameof(OwnRowTwice), row);

    // Training: checkpoints, scans and splits.

    public static ProtocolException DataChanged() => Error(null, nameof(DataChanged));

    public static ProtocolException LabelMissing(string self) => Error(null, nameof(LabelMissing), self);

    public static ProtocolException CheckpointMismatch(int trees) => Error(null, nameof(CheckpointMismatch), trees);

    public static ProtocolException TreeOutOfTurn(int tree, int trees) => Error(null, nameof(TreeOutOfTurn), tree, trees);

    public static ProtocolException ScanOutOfTurn(int tree, int trees) => Error(null, nameof(ScanOutOfTurn), tree, trees);

    public static ProtocolException ScanTooLarge(int rows, long maximumSum) => Error(null, nameof(ScanTooLarge), rows, maximumSum);

    public static ProtocolException ScanParametersRefused(string cause, Exception innerException) => Error(innerException, nameof(ScanParametersRefused), cause);

    public static ProtocolException ScanOfOtherRows(int planned, int trainingRows) => Error(null, nameof(ScanOfOtherRows), planned, trainingRows);

    public static ProtocolException ScanBlockUneven(int rowsPerBlock, int degree) => Error(null, nameof(ScanBlockUneven), rowsPerBlock, degree);

    public static ProtocolException ScanScaleTooSmall(int scaleBits) => Error(null, nameof(ScanScaleTooSmall), scaleBits);

    public static ProtocolException ScanModulusTooSmall(double modulusBits, int scaleBits) => Error(null, nameof(ScanModulusTooSmall), modulusBits, scaleBits);

    public static ProtocolException ScanRequestLength(int nodes, long bytes, long expected) => Error(null, nameof(ScanRequestLength), nodes, bytes, expected);

    public static ProtocolException ScanRequestInvalid(string cause, Exception innerException) => Error(innerException, nameof(ScanRequestInvalid), cause);

    public static ProtocolException ScanAnswerLength(string source, long bytes, long expected) => Error(null, nameof(ScanAnswerLength), source, bytes, expected);

    public static ProtocolException ScanAnswerInvalid(string source, string cause, Exception innerException) => Error(innerException, nameof(ScanAnswerInvalid), source, cause);

    public static ProtocolException ScanSumOutOfRange(string source) => Error(null, nameof(ScanSumOutOfRange), source);

    public static ProtocolException ScanSetupLength(long bytes, long expected) => Error(null, nameof(ScanSetupLength), bytes, expected);

    public static ProtocolException PublicKeyRefused(string cause, Exception innerException) => Error(innerException, nameof(PublicKeyRefused), cause);

    public static ProtocolException CandidateUnknown(int candidate, int candidates) => Error(null, nameof(CandidateUnknown), candidate, candidates);

    public static ProtocolException CandidateTwice(int candidate) => Error(null, nameof(CandidateTwice), candidate);

    public static ProtocolException WorkerSumInvalid() => Error(null, nameof(WorkerSumInvalid));

    public static ProtocolException WorkerOrderInvalid() => Error(null, nameof(WorkerOrderInvalid));

    public static ProtocolException WorkerReportInvalid(string worker) => Error(null, nameof(WorkerReportInvalid), worker);

    public static ProtocolException SplitWithoutCandidate() => Error(null, nameof(SplitWithoutCandidate));

    public static ProtocolException SplitWithoutRow() => Error(null, nameof(SplitWithoutRow));

    // Scoring.

    public static ProtocolException ModelShareMissing() => Error(null, nameof(ModelShareMissing));

    public static ProtocolException ModelManifestMissing() => Error(null, nameof(ModelManifestMissing));

    public static ProtocolException ModelManifestOther() => Error(null, nameof(ModelManifestOther));

    public static ProtocolException ModelShareLost() => Error(null, nameof(ModelShareLost));

    public static ProtocolException NotInModel() => Error(null, nameof(NotInModel));

    public static ProtocolException ModelShareAltered() => Error(null, nameof(ModelShareAltered));

    public static ProtocolException ModelShareWithoutTrees() => Error(null, nameof(ModelShareWithoutTrees));

    public static ProtocolException ModelColumnMissing(string party, string feature) => Error(null, nameof(ModelColumnMissing), party, feature);

    public static ProtocolException ScoreRecordUnknown(uint record, int records) => Error(null, nameof(ScoreRecordUnknown), record, records);

    // Publication.

    public static ProtocolException ShareVersion() => Error(null, nameof(ShareVersion));

    public static ProtocolException ShareMalformed(string cause, Exception innerException) => Error(innerException, nameof(ShareMalformed), cause);

    public static ProtocolException ReportEmpty() => Error(null, nameof(ReportEmpty));

    public static ProtocolException ReportMalformed(string cause, Exception innerException) => Error(innerException, nameof(ReportMalformed), cause);

    public static ProtocolException ManifestTooLarge(int bytes, int limit) => Error(null, nameof(ManifestTooLarge), bytes, limit);

    public static ProtocolException ManifestEmpty() => Error(null, nameof(ManifestEmpty));

    public static ProtocolException ManifestVersion(int version) => Error(null, nameof(ManifestVersion), version);

    public static ProtocolException ManifestMalformed(string cause, Exception innerException) => Error(innerException, nameof(ManifestMalformed), cause);

    public static ProtocolException ManifestSignature(string party) => Error(null, nameof(ManifestSignature), party);

    public static ProtocolException ManifestWithoutParty() => Error(null, nameof(ManifestWithoutParty));

    public static ProtocolException ManifestContradicts() => Error(null, nameof(ManifestContradicts));

    public static ProtocolException ManifestOfOtherExperiment() => Error(null, nameof(ManifestOfOtherExperiment));

    public static ProtocolException ContributionOfOther(string source) => Error(null, nameof(ContributionOfOther), source);

    public static ProtocolException ContributionMalformed(string source, string cause, Exception innerException) => Error(innerException, nameof(ContributionMalformed), source, cause);

    // Horizontal: banks, sums and collective keys.

    public static ProtocolException BroadcastMismatch(string step, string receiver) => Error(null, nameof(BroadcastMismatch), step, receiver);

    public static ProtocolException SettingOfOtherModel(string name, string otherModel, string model, string known) => Error(null, nameof(SettingOfOtherModel), name, otherModel, model, known);

    public static ProtocolException SettingBetweenBanks(string name) => Error(null, nameof(SettingBetweenBanks), name);

    public static ProtocolException SettingBetweenSources(string name) => Error(null, nameof(SettingBetweenSources), name);

    public static ProtocolException ThresholdInvalid(string text, int banks) => Error(null, nameof(ThresholdInvalid), text, banks);

    public static ProtocolException FeaturesUnexpected() => Error(null, nameof(FeaturesUnexpected));

    public static ProtocolException BankModelUnknown(string model) => Error(null, nameof(BankModelUnknown), model);

    public static ProtocolException BanksOnly(string party) => Error(null, nameof(BanksOnly), party);

    public static ProtocolException BanksScoreAlone() => Error(null, nameof(BanksScoreAlone));

    public static ProtocolException FeaturesNeeded(int most, int count) => Error(null, nameof(FeaturesNeeded), most, count);

    public static ProtocolException FeatureName(string name, int longest) => Error(null, nameof(FeatureName), name, longest);

    public static ProtocolException FeatureTwice(string name) => Error(null, nameof(FeatureTwice), name);

    public static ProtocolException FeatureCategories(string name, int most, int count) => Error(null, nameof(FeatureCategories), name, most, count);

    public static ProtocolException FeatureCategoryInvalid(string name, int longest) => Error(null, nameof(FeatureCategoryInvalid), name, longest);

    public static ProtocolException SumPartMalformed(string sender, string cause, Exception innerException) => Error(innerException, nameof(SumPartMalformed), sender, cause);

    public static ProtocolException SumPartOutOfTurn(string sender, int round, int count) => Error(null, nameof(SumPartOutOfTurn), sender, round, count);

    public static ProtocolException SumPartWithheld(string coordinator, string peer, string round) => Error(null, nameof(SumPartWithheld), coordinator, peer, round);

    public static ProtocolException SumDiffers(string coordinator, string round) => Error(null, nameof(SumDiffers), coordinator, round);

    public static ProtocolException SumUnreadable(string round) => Error(null, nameof(SumUnreadable), round);

    public static ProtocolException SumValueTooLarge(string round, int bits) => Error(null, nameof(SumValueTooLarge), round, bits);

    public static ProtocolException SumShareMalformed(string peer, string cause, Exception innerException) => Error(innerException, nameof(SumShareMalformed), peer, cause);

    public static ProtocolException KeyShareMalformed(string peer, string cause, Exception innerException) => Error(innerException, nameof(KeyShareMalformed), peer, cause);

    public static ProtocolException KeysLost(string banks) => Error(null, nameof(KeysLost), banks);

    public static ProtocolException AbsentTooEarly(string banks, string cause, Exception innerException) => Error(innerException, nameof(AbsentTooEarly), banks, cause);

    public static ProtocolException KnownSumsDiffer(string peer) => Error(null, nameof(KnownSumsDiffer), peer);

    public static ProtocolException KnownSumOther(string round, int count, string known, int knownCount) => Error(null, nameof(KnownSumOther), round, count, known, knownCount);

    private static ProtocolException Error(Exception? innerException, string name, params object[] arguments)
    {
        var format = Resources.GetString(name, CultureInfo.CurrentUICulture) ?? name;
        return new ProtocolException(ProtocolException.CodeOf(name), string.Format(CultureInfo.InvariantCulture, format, arguments), innerException);
    }
}
