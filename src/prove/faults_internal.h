#pragma once

#include <vector>

#include "prove/data_fault.h"

namespace cupel::prove {

extern const Fault k_avh_biased_sample_fault;
extern const Fault k_avh_casing_fault;
extern const Fault k_avh_deletion_fault;
extern const Fault k_avh_insertion_fault;
extern const Fault k_avh_nulls_fault;
extern const Fault k_avh_padding_fault;
extern const Fault k_avh_perturbation_fault;
extern const Fault k_avh_row_count_fault;
extern const Fault k_avh_schema_change_fault;
extern const Fault k_avh_unit_change_fault;
extern const Fault k_broken_relation_fault;
extern const Fault k_casing_fault;
extern const Fault k_celsius_fault;
extern const Fault k_cents_fault;
extern const Fault k_character_change_fault;
extern const Fault k_character_deletion_fault;
extern const Fault k_character_insertion_fault;
extern const Fault k_clipping_fault;
extern const Fault k_column_missing_fault;
extern const Fault k_column_renamed_fault;
extern const Fault k_columns_reordered_fault;
extern const Fault k_date_format_fault;
extern const Fault k_default_value_fault;
extern const Fault k_distribution_shift_fault;
extern const Fault k_dropped_rows_fault;
extern const Fault k_duplicate_keys_fault;
extern const Fault k_duplicated_load_fault;
extern const Fault k_fahrenheit_fault;
extern const Fault k_flipped_fault;
extern const Fault k_frozen_value_fault;
extern const Fault k_future_dates_fault;
extern const Fault k_jenga_broken_characters_fault;
extern const Fault k_jenga_category_shift_fault;
extern const Fault k_jenga_gaussian_noise_fault;
extern const Fault k_jenga_missing_fault;
extern const Fault k_jenga_scaling_fault;
extern const Fault k_jenga_swapped_values_fault;
extern const Fault k_last_rows_fault;
extern const Fault k_lost_category_fault;
extern const Fault k_merged_categories_fault;
extern const Fault k_mojibake_fault;
extern const Fault k_new_category_fault;
extern const Fault k_noise_fault;
extern const Fault k_null_words_fault;
extern const Fault k_nulls_mar_fault;
extern const Fault k_nulls_mcar_fault;
extern const Fault k_nulls_mnar_fault;
extern const Fault k_one_segment_fault;
extern const Fault k_outliers_fault;
extern const Fault k_random_sample_fault;
extern const Fault k_renamed_category_fault;
extern const Fault k_rounding_fault;
extern const Fault k_shift_fault;
extern const Fault k_shuffled_rows_fault;
extern const Fault k_sign_fault;
extern const Fault k_spread_fault;
extern const Fault k_stale_batch_fault;
extern const Fault k_swapped_columns_fault;
extern const Fault k_text_truncation_fault;
extern const Fault k_time_zone_fault;
extern const Fault k_truncated_load_fault;
extern const Fault k_type_change_fault;
extern const Fault k_typo_fault;
extern const Fault k_units_fault;
extern const Fault k_whitespace_fault;
extern const Fault k_wrong_encoding_fault;
extern const Fault k_wrong_join_fault;

/// In the hit rows (ascending) target and partner hold each other's value; both become text where their types do not go together.
table::Table swap_values(FaultInput& input, const std::vector<std::int64_t>& hit);

}  // namespace cupel::prove
