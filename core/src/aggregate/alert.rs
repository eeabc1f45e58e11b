//! Alert.
