#pragma once

#include "expectations/data_check.h"
#include "states/time_span.h"

namespace cupel::expectations {

/// Asks for the states::KeyDuplicates of these columns.
int need_key_duplicates(const Planning& planning, const std::vector<table::ColumnRequest>& columns);

extern const DataSubject k_association_subject;
extern const DataSubject k_average_word_length_subject;
extern const DataSubject k_characters_subject;
extern const DataSubject k_class_balance_subject;
extern const DataSubject k_coded_nulls_subject;
extern const DataSubject k_columns_subject;
extern const DataSubject k_columns_with_nulls_subject;
extern const DataSubject k_combinations_subject;
extern const DataSubject k_constant_columns_subject;
extern const DataSubject k_contains_subject;
extern const DataSubject k_control_characters_subject;
extern const DataSubject k_correlation_subject;
extern const DataSubject k_correlation_changes_subject;
extern const DataSubject k_correlations_subject;
extern const DataSubject k_determined_subject;
extern const DataSubject k_distinct_subject;
extern const DataSubject k_distinct_values_subject;
extern const DataSubject k_distribution_subject;
extern const DataSubject k_duplicate_columns_subject;
extern const DataSubject k_duplicate_rows_subject;
extern const DataSubject k_duplicates_subject;
extern const DataSubject k_empty_columns_subject;
extern const DataSubject k_empty_rows_subject;
extern const DataSubject k_entropy_subject;
extern const DataSubject k_every_row_subject;
extern const DataSubject k_exists_in_subject;
extern const DataSubject k_freshness_subject;
extern const DataSubject k_gaps_subject;
extern const DataSubject k_html_subject;
extern const DataSubject k_incomplete_rows_subject;
extern const DataSubject k_interquartile_range_subject;
extern const DataSubject k_invisible_characters_subject;
extern const DataSubject k_kurtosis_subject;
extern const DataSubject k_language_subject;
extern const DataSubject k_leakage_subject;
extern const DataSubject k_lengths_subject;
extern const DataSubject k_max_subject;
extern const DataSubject k_mean_subject;
extern const DataSubject k_median_subject;
extern const DataSubject k_min_subject;
extern const DataSubject k_mixed_types_subject;
extern const DataSubject k_mode_subject;
extern const DataSubject k_mode_share_subject;
extern const DataSubject k_mojibake_subject;
extern const DataSubject k_near_duplicates_subject;
extern const DataSubject k_new_values_subject;
extern const DataSubject k_non_finite_subject;
extern const DataSubject k_nulls_subject;
extern const DataSubject k_occurrences_subject;
extern const DataSubject k_out_of_vocabulary_subject;
extern const DataSubject k_outliers_subject;
extern const DataSubject k_pii_subject;
extern const DataSubject k_population_mean_subject;
extern const DataSubject k_primary_key_subject;
extern const DataSubject k_quantile_subject;
extern const DataSubject k_range_subject;
extern const DataSubject k_ratio_of_sums_subject;
extern const DataSubject k_replacement_characters_subject;
extern const DataSubject k_row_sums_subject;
extern const DataSubject k_row_sync_subject;
extern const DataSubject k_rows_subject;
extern const DataSubject k_same_rows_subject;
extern const DataSubject k_same_schema_subject;
extern const DataSubject k_script_subject;
extern const DataSubject k_sentences_subject;
extern const DataSubject k_share_subject;
extern const DataSubject k_skewness_subject;
extern const DataSubject k_special_characters_subject;
extern const DataSubject k_stddev_subject;
extern const DataSubject k_sum_subject;
extern const DataSubject k_type_subject;
extern const DataSubject k_unique_value_ratio_subject;
extern const DataSubject k_unique_within_row_subject;
extern const DataSubject k_uniqueness_subject;
extern const DataSubject k_unnormalized_subject;
extern const DataSubject k_untrimmed_subject;
extern const DataSubject k_unusual_spaces_subject;
extern const DataSubject k_urls_subject;
extern const DataSubject k_values_subject;
extern const DataSubject k_variance_subject;
extern const DataSubject k_variants_subject;
extern const DataSubject k_variation_subject;
extern const DataSubject k_words_subject;
extern const DataSubject k_zeros_subject;

/// The column named at `node`, or an error there that names the nearest.
Result<table::ColumnRequest> request_column(const table::Schema& schema, const std::string& name, const yaml::Node& node,
                                            table::ColumnRequest::As as);

/// The columns that an expectation names, or all where it says `table`.
Result<std::vector<table::ColumnRequest>> request_columns(const table::Schema& schema, const suite::Expectation& expectation, table::ColumnRequest::As as);

/// "column 'Title' is text, e.g. 'Nice' in row 3, expected numbers", at the node's place; empty when the field is numeric.
std::string why_not_numeric(const table::Schema& schema, int field, const yaml::Node& node);

/// "'soon' in row 3 of column 'Day', expected dates or timestamps", at the subject's place; empty when all values are.
std::string why_not_instants(const states::TimeSpan& span, const suite::Expectation& expectation);

/// " where Rating <= 2", or empty: for messages.
std::string where_words(const suite::Outcome& outcome);

/// The predicate names that compare one number: at_least … not_in.
inline const std::vector<std::string_view> k_number_predicates = {"at_least", "at_most", "between", "equals", "in", "less_than", "more_than", "not_equals", "not_in"};

}  // namespace cupel::expectations
