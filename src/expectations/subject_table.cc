#include <algorithm>

#include "expectations/subjects_internal.h"

namespace cupel::expectations {
namespace {

constexpr const DataSubject* k_subjects[] = {
    &k_association_subject, &k_average_word_length_subject, &k_characters_subject, &k_class_balance_subject, &k_coded_nulls_subject,
    &k_columns_subject, &k_columns_with_nulls_subject, &k_combinations_subject, &k_constant_columns_subject, &k_contains_subject,
    &k_control_characters_subject, &k_correlation_subject, &k_correlation_changes_subject, &k_correlations_subject,
    &k_determined_subject, &k_distinct_subject, &k_distinct_values_subject, &k_distribution_subject, &k_duplicate_columns_subject,
    &k_duplicate_rows_subject, &k_duplicates_subject, &k_empty_columns_subject, &k_empty_rows_subject, &k_entropy_subject,
    &k_every_row_subject, &k_exists_in_subject, &k_freshness_subject, &k_gaps_subject, &k_html_subject, &k_incomplete_rows_subject,
    &k_interquartile_range_subject, &k_invisible_characters_subject, &k_kurtosis_subject, &k_language_subject, &k_leakage_subject,
    &k_lengths_subject, &k_max_subject, &k_mean_subject, &k_median_subject, &k_min_subject, &k_mixed_types_subject, &k_mode_subject,
    &k_mode_share_subject, &k_mojibake_subject, &k_near_duplicates_subject, &k_new_values_subject, &k_non_finite_subject,
    &k_nulls_subject, &k_occurrences_subject, &k_out_of_vocabulary_subject, &k_outliers_subject, &k_pii_subject,
    &k_population_mean_subject, &k_primary_key_subject, &k_quantile_subject, &k_range_subject, &k_ratio_of_sums_subject,
    &k_replacement_characters_subject, &k_row_sums_subject, &k_row_sync_subject, &k_rows_subject, &k_same_rows_subject,
    &k_same_schema_subject, &k_script_subject, &k_sentences_subject, &k_share_subject, &k_skewness_subject,
    &k_special_characters_subject, &k_stddev_subject, &k_sum_subject, &k_type_subject, &k_unique_value_ratio_subject,
    &k_unique_within_row_subject, &k_uniqueness_subject, &k_unnormalized_subject, &k_untrimmed_subject, &k_unusual_spaces_subject,
    &k_urls_subject, &k_values_subject, &k_variance_subject, &k_variants_subject, &k_variation_subject, &k_words_subject,
    &k_zeros_subject,
};

}  // namespace

std::span<const DataSubject* const> subject_table() { return k_subjects; }

suite::LoadOptions data_subjects() {
  suite::LoadOptions options;
  options.groups = true;
  options.tables = true;
  for (const DataSubject* subject : k_subjects) options.subjects.push_back(subject);
  options.further_keys = {"as_of"};
  return options;
}

Result<bool> DataCheck::plan_again(const Facts&, const Planning&) { return false; }

void DataCheck::learn(const Facts&) {}

bool is_decided(const suite::Predicate& predicate, double low, double high) {
  if (low == high) return true;
  return std::none_of(predicate.limits.begin(), predicate.limits.end(), [&](const suite::Limit& limit) { return limit.number >= low && limit.number <= high; });
}

Result<void> DataCheck::plan_other(const Planning&) { return {}; }

Result<table::ColumnRequest> Planning::column(const std::string& name, const yaml::Node& node, table::ColumnRequest::As as) const {
  return request_column(current->schema(), name, node, as);
}

Result<std::vector<table::ColumnRequest>> Planning::columns(const suite::Expectation& expectation, table::ColumnRequest::As as) const {
  return request_columns(current->schema(), expectation, as);
}

Result<table::ColumnRequest> Planning::reference_column(const std::string& name, const yaml::Node& node, table::ColumnRequest::As as) const {
  if (reference == nullptr) return node.fail_here("no reference data", "give --reference, or 'reference' in the suite");
  return request_column(reference->schema(), name, node, as);
}

}  // namespace cupel::expectations
